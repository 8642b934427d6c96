#ifndef CCURL_H
#define CCURL_H

#include <stddef.h>

/// Initializes libcurl. Must be called once, before several threads use it.
void ccurl_prepare(void);

/// Sends one mail over SMTP with libcurl, and waits until the server has accepted or refused it.
///
/// - url: smtp[s]://host:port/ehlo-name, without user and password.
/// - requires_tls: whether to send only over TLS with a valid certificate; otherwise TLS is used if the server supports it.
/// - sender, recipient: addresses in angle brackets.
/// - seconds: the time limit for the whole transfer.
/// - reason: receives a message for the operator on failure, at most `reason_size` bytes including the final zero.
/// - response: receives the server's last reply code, or 0.
///
/// Returns 0 if the mail was accepted, otherwise libcurl's code.
int ccurl_send_mail(
    const char *url, const char *user, const char *password, int requires_tls,
    const char *sender, const char *recipient, const char *message, size_t message_size, long seconds, char *reason,
    size_t reason_size, long *response);

#endif
