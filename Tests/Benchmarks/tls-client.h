// The client's end of TLS 1.3 (RFC 8446) at the least cost, for a load that shares its machine with the servers it compares.
//
// libssl's client takes twice the processor time of a server's handshake, most of it for a certificate that a load has no use for,
// and what the client takes is taken from the servers. This one looks at no certificate and no signature, has one key share for all
// connections and one suite (TLS_AES_256_GCM_SHA384 with X25519, what libssl's own client and server agree on). A server sees and
// does the same as with any client. Good for nothing but a load: it verifies nothing.
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

enum { HASH = SHA384_DIGEST_LENGTH, KEY = 32, IV = 12, TAG = 16, HEADER = 5, RECORD = 16384, TICKET = 2048 };

typedef struct {
    uint8_t bytes[HASH];
} Secret;

// One direction of a connection.
typedef struct {
    EVP_CIPHER_CTX *cipher;
    uint8_t iv[IV];
    uint64_t sequence;
} Direction;

// What the server gave to resume with; none while `length` is 0.
typedef struct {
    uint8_t bytes[TICKET];
    size_t length;
    uint32_t age_add;
    double received;
    Secret early, binder_key;
} Ticket;

// A client that has one connection at a time.
typedef struct {
    int descriptor;
    EVP_PKEY_CTX *exchange;
    uint8_t key_share[KEY];
    Direction in, out;
    Secret resumption;
    bool keeps_tickets;
    Ticket ticket;
    // Encrypted octets from the server: those before `taken` are done with.
    uint8_t input[2 * (RECORD + 512)];
    size_t taken, filled;
    // Octets of the open record that nobody has read yet; inside `input`.
    uint8_t *clear;
    size_t clear_length;
    uint8_t output[HEADER + RECORD + 1 + TAG];
} TLSClient;

// `keeps_tickets`: later connections resume the one before.
void tls_set_up(TLSClient *client, bool keeps_tickets);
// The whole handshake, on a connected socket; true when the server has resumed.
bool tls_connect(TLSClient *client, int descriptor);
// At most a record's worth: RECORD octets.
void tls_write(TLSClient *client, const void *octets, size_t count);
// 0 at the server's end.
size_t tls_read(TLSClient *client, void *octets, size_t room);
// Our close_notify.
void tls_end(TLSClient *client);

void fail(const char *what, const char *answer);
#endif
