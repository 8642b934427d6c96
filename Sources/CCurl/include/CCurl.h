#ifndef CCURL_H
#define CCURL_H

#include <stddef.h>

/// Sends one mail over SMTP with libcurl, and waits until the server has taken or refused it.
///
/// - url: smtp[s]://host:port/ehlo-name, without user and password.
/// - requires_tls: whether it goes over TLS with a certificate that is right, or not at all; else over TLS where the server has it.
/// - sender, recipient: addresses in angle brackets.
/// - seconds: how long all of it may take.
/// - reason: receives words for the operator when it fails, at most `reason_size` bytes with the final zero.
/// - response: receives the server's last answer code, or 0.
///
/// Returns 0 where the mail was taken, else libcurl's code.
void ccurl_prepare(void);

int ccurl_send_mail(
    const char *url, const char *user, const char *password, int requires_tls,
    const char *sender, const char *recipient, const char *message, size_t message_size, long seconds, char *reason,
    size_t reason_size, long *response);

#endif
