// Offers mail over STARTTLS, as smtp-source does in clear: so many senders, each a thread, one command after the other.
//
// usage: tls-load [-d | -r] SESSIONS MESSAGES OCTETS RECIPIENT PORT
//   -d  keeps each connection open for all its messages; without it each message has a connection and a handshake of its own
//   -r  these handshakes resume the session of the one before
// Prints, behind the last 250, messages a second and how many handshakes were resumed. Ends with 1 at the first unexpected reply.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tls-client.h"

static bool keeps_open, resumes;
static int octets, port;
static const char *recipient;
static char *message;
static size_t message_length;
static atomic_int left, resumed, handshakes;

// One connection at a time: in clear until it `is_encrypted`.
typedef struct {
    int descriptor;
    bool is_encrypted;
    char input[4096];
    size_t filled;
    TLSClient tls;
} Client;

void fail(const char *what, const char *answer) {
    fprintf(stderr, "tls-load: %s: %s\n", what, answer);
    exit(1);
}

static void send_all(Client *client, const char *bytes, size_t count) {
    while (count > 0) {
        size_t part = count < RECORD ? count : RECORD;
        if (client->is_encrypted) tls_write(&client->tls, bytes, part);
        else if (write(client->descriptor, bytes, part) != (ssize_t)part) fail("send", "the connection is gone");
        bytes += part;
        count -= part;
    }
}

// Reads one reply, of one line or several, which must begin with this digit.
static void expect(Client *client, char digit, const char *what) {
    for (;;) {
        char *start = client->input, *end;
        while ((end = memchr(start, '\n', client->input + client->filled - start))) {
            bool is_last = end - start > 3 && start[3] != '-';
            if (is_last && *start != digit) {
                *end = 0;
                fail(what, start);
            }
            start = end + 1;
            if (!is_last) continue;
            client->filled -= start - client->input;
            memmove(client->input, start, client->filled);
            return;
        }
        if (client->filled == sizeof client->input) fail(what, "too long a reply");
        size_t room = sizeof client->input - client->filled;
        char *target = client->input + client->filled;
        ssize_t got = client->is_encrypted ? (ssize_t)tls_read(&client->tls, target, room) : read(client->descriptor, target, room);
        if (got <= 0) fail(what, "the connection is gone");
        client->filled += (size_t)got;
    }
}

static void command(Client *client, const char *line, char digit) {
    send_all(client, line, strlen(line));
    expect(client, digit, line);
}

static void begin(Client *client) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    client->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client->descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect", "refused");
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    client->is_encrypted = false;
    client->filled = 0;
    expect(client, '2', "banner");
    command(client, "EHLO client.test\r\n", '2');
    command(client, "STARTTLS\r\n", '2');
    resumed += tls_connect(&client->tls, client->descriptor);
    handshakes++;
    client->is_encrypted = true;
    command(client, "EHLO client.test\r\n", '2');
}

static void end(Client *client) {
    command(client, "QUIT\r\n", '2');
    tls_end(&client->tls);
    close(client->descriptor);
}

static void deliver(Client *client) {
    char line[512];
    command(client, "MAIL FROM:<a@sender.test>\r\n", '2');
    snprintf(line, sizeof line, "RCPT TO:<%s>\r\n", recipient);
    command(client, line, '2');
    command(client, "DATA\r\n", '3');
    send_all(client, message, message_length);
    expect(client, '2', "final dot");
}

static void *run(void *unused) {
    Client *client = malloc(sizeof *client);
    tls_set_up(&client->tls, resumes);
    if (keeps_open) begin(client);
    while (left-- > 0) {
        if (!keeps_open) begin(client);
        deliver(client);
        if (!keeps_open) end(client);
    }
    if (keeps_open) end(client);
    return unused;
}

static void make_message(void) {
    message = malloc((size_t)octets + 256);
    char *end = message + sprintf(message, "From: <a@sender.test>\r\nTo: <%s>\r\nSubject: load\r\n\r\n", recipient);
    for (int line = 0; line < octets / 80; line++) {
        memset(end, 'X', 78);
        memcpy(end + 78, "\r\n", 2);
        end += 80;
    }
    message_length = (size_t)(end - message) + (size_t)sprintf(end, ".\r\n");
}

int main(int count, char **words) {
    while (count > 1 && words[1][0] == '-') {
        if (words[1][1] == 'd') keeps_open = true; else resumes = true;
        words++;
        count--;
    }
    if (count != 6) fail("usage", "tls-load [-d | -r] SESSIONS MESSAGES OCTETS RECIPIENT PORT");
    int sessions = atoi(words[1]), messages = atoi(words[2]);
    octets = atoi(words[3]);
    recipient = words[4];
    port = atoi(words[5]);
    left = messages;
    make_message();
    // A load on a machine of its own would not interrupt the server: this one waits until the processor is free.
    sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0});

    pthread_t *threads = calloc((size_t)sessions, sizeof *threads);
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (int i = 0; i < sessions; i++) pthread_create(&threads[i], NULL, run, NULL);
    for (int i = 0; i < sessions; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double took = (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    printf("%.1f %d %d\n", messages / took, handshakes, resumed);
    return 0;
}
