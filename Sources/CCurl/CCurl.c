#include "CCurl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

// libcurl's functions for options are variadic, so Swift can't call them.

struct source {
    const char *bytes;
    size_t left;
};

static size_t read_source(char *buffer, size_t size, size_t count, void *user_data) {
    struct source *source = user_data;
    size_t wanted = size * count;
    if (wanted > source->left) wanted = source->left;
    memcpy(buffer, source->bytes, wanted);
    source->bytes += wanted;
    source->left -= wanted;
    return wanted;
}

void ccurl_prepare(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

int ccurl_send_mail(
    const char *url, const char *user, const char *password, int requires_tls,
    const char *sender, const char *recipient, const char *message, size_t message_size, long seconds, char *reason,
    size_t reason_size, long *response) {
    *response = 0;
    CURL *curl = curl_easy_init();
    if (!curl) {
        snprintf(reason, reason_size, "there is not enough memory");
        return CURLE_FAILED_INIT;
    }
    struct curl_slist *recipients = curl_slist_append(NULL, recipient);
    struct source source = {message, message_size};
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    // Ignores the environment variables for browsers' proxies.
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    if (user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    }
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(requires_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    // Without required TLS, the certificate is not verified: encryption still keeps out eavesdroppers, and private relays create
    // their own certificates.
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, requires_tls ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, requires_tls ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sender);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_source);
    curl_easy_setopt(curl, CURLOPT_READDATA, &source);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, seconds < 10 ? seconds : 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, response);
    if (code != CURLE_OK) snprintf(reason, reason_size, "%s", curl_easy_strerror(code));
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return code;
}
