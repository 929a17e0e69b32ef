// Takes mail over STARTTLS and keeps nothing, as smtp-sink does in clear: what libssl and the kernel leave to a server that does no
// more. As many threads as cores, each with an epoll of its own; a session stays on its thread.
//
// usage: tls-sink CERTIFICATE KEY PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef struct {
    int descriptor;
    // Null in clear.
    SSL *tls;
    bool takes_data;
    char input[32 << 10];
    size_t filled;
} Session;

static SSL_CTX *context;
static int listener;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void reply(Session *session, const char *text) {
    int count = (int)strlen(text);
    if (session->tls ? SSL_write(session->tls, text, count) <= 0 : write(session->descriptor, text, (size_t)count) <= 0)
        fprintf(stderr, "tls-sink: a client is gone\n");
}

static void start_tls(Session *session) {
    reply(session, "220 2.0.0 ready\r\n");
    // What came in clear behind the command is not looked at.
    session->filled = 0;
    session->tls = SSL_new(context);
    if (!session->tls || SSL_set_fd(session->tls, session->descriptor) != 1) fail("SSL_new");
    SSL_set_accept_state(session->tls);
}

// False where the session is over.
static bool obey(Session *session, const char *line, size_t length) {
    if (session->takes_data) {
        if (length != 3 || memcmp(line, ".\r\n", 3) != 0) return true;
        session->takes_data = false;
        reply(session, "250 2.0.0 thrown away\r\n");
        return true;
    }
    if (strncasecmp(line, "QUIT", 4) == 0) {
        reply(session, "221 2.0.0 bye\r\n");
        if (session->tls) SSL_shutdown(session->tls);
        return false;
    }
    if (strncasecmp(line, "EHLO", 4) == 0)
        reply(session, session->tls ? "250-sink\r\n250 PIPELINING\r\n" : "250-sink\r\n250-STARTTLS\r\n250 PIPELINING\r\n");
    else if (strncasecmp(line, "STARTTLS", 8) == 0) start_tls(session);
    else if ((session->takes_data = strncasecmp(line, "DATA", 4) == 0)) reply(session, "354 go on\r\n");
    else reply(session, "250 2.1.0 fine\r\n");
    return true;
}

// Whole lines of the input. False where the session is over.
static bool obey_all(Session *session) {
    char *start = session->input, *end;
    while ((end = memchr(start, '\n', (size_t)(session->input + session->filled - start)))) {
        if (!obey(session, start, (size_t)(end + 1 - start))) return false;
        if (session->filled == 0) return true;
        start = end + 1;
    }
    session->filled -= (size_t)(start - session->input);
    memmove(session->input, start, session->filled);
    return session->filled < sizeof session->input;
}

// Takes what has come. False where the session is over.
static bool take(Session *session) {
    for (;;) {
        char *target = session->input + session->filled;
        size_t room = sizeof session->input - session->filled;
        if (!session->tls) {
            ssize_t got = read(session->descriptor, target, room);
            if (got <= 0) return false;
            session->filled += (size_t)got;
            return obey_all(session);
        }
        int got = SSL_read(session->tls, target, (int)room);
        if (got <= 0) return SSL_get_error(session->tls, got) == SSL_ERROR_WANT_READ;
        session->filled += (size_t)got;
        if (!obey_all(session)) return false;
        // libssl may have read more than this record; the socket is not asked in vain.
        if (!SSL_has_pending(session->tls)) return true;
    }
}

static void end(Session *session) {
    SSL_free(session->tls);
    close(session->descriptor);
    free(session);
}

static void begin(int poller) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    // Another thread was faster.
    if (descriptor < 0) return;
    Session *session = malloc(sizeof *session);
    session->descriptor = descriptor;
    session->tls = NULL;
    session->takes_data = false;
    session->filled = 0;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = session};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
    reply(session, "220 sink\r\n");
}

static void *serve(void *unused) {
    struct epoll_event events[64], event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int poller = epoll_create1(0);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");
    for (;;) {
        int count = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < count; i++) {
            Session *session = events[i].data.ptr;
            if (!session) begin(poller);
            else if (!take(session)) end(session);
        }
    }
    return unused;
}

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "usage: tls-sink CERTIFICATE KEY PORT\n"), 2;
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, words[1]) != 1 || SSL_CTX_use_PrivateKey_file(context, words[2], SSL_FILETYPE_PEM) != 1)
        return fprintf(stderr, "tls-sink: the certificate or the key cannot be used\n"), 1;
    // As many tickets as Layover and Postfix give; nothing is kept here; and a read takes all that is there.
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"sink", 4);
    SSL_CTX_set_read_ahead(context, 1);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[3])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) fail("listen");
    for (long thread = 1; thread < sysconf(_SC_NPROCESSORS_ONLN); thread++) pthread_create(&(pthread_t){0}, NULL, serve, NULL);
    serve(NULL);
}
