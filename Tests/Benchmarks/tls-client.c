#include "tls-client.h"

#include <openssl/rand.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, FINISHED = 20 };
enum { KEY_SHARE = 51, PRE_SHARED_KEY = 41 };

static const Secret nothing;

static double now_in_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static size_t number(const uint8_t *octets, int count) {
    size_t value = 0;
    for (int i = 0; i < count; i++) value = value << 8 | octets[i];
    return value;
}

static uint8_t *put(uint8_t *end, size_t value, int count) {
    for (int i = count - 1; i >= 0; i--) *end++ = (uint8_t)(value >> (8 * i));
    return end;
}

// MARK: Key schedule (section 7.1)

static Secret mac(const Secret *key, const void *octets, size_t count) {
    uint8_t pad[SHA512_CBLOCK] = {0};
    Secret result;
    SHA512_CTX hash;
    memcpy(pad, key->bytes, HASH);
    for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36;
    SHA384_Init(&hash);
    SHA384_Update(&hash, pad, sizeof pad);
    SHA384_Update(&hash, octets, count);
    SHA384_Final(result.bytes, &hash);
    for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36 ^ 0x5c;
    SHA384_Init(&hash);
    SHA384_Update(&hash, pad, sizeof pad);
    SHA384_Update(&hash, result.bytes, HASH);
    SHA384_Final(result.bytes, &hash);
    return result;
}

// HKDF-Expand-Label: never longer than a digest here.
static Secret expand(const Secret *secret, const char *label, const void *context, size_t context_length, size_t length) {
    uint8_t info[128], *end = put(info, length, 2);
    size_t label_length = strlen(label);
    end = put(end, label_length + 6, 1);
    memcpy(end, "tls13 ", 6);
    memcpy(end + 6, label, label_length);
    end = put(end + 6 + label_length, context_length, 1);
    memcpy(end, context, context_length);
    end = put(end + context_length, 1, 1);
    return mac(secret, info, (size_t)(end - info));
}

static Secret digest(const SHA512_CTX *transcript) {
    SHA512_CTX copy = *transcript;
    Secret result;
    SHA384_Final(result.bytes, &copy);
    return result;
}

static Secret derive(const Secret *secret, const char *label, const SHA512_CTX *transcript) {
    Secret hash = digest(transcript);
    return expand(secret, label, hash.bytes, HASH, HASH);
}

static Secret derive_from_nothing(const Secret *secret, const char *label) {
    SHA512_CTX empty;
    SHA384_Init(&empty);
    return derive(secret, label, &empty);
}

static Secret finished(const Secret *secret, const SHA512_CTX *transcript) {
    Secret key = expand(secret, "finished", "", 0, HASH), hash = digest(transcript);
    return mac(&key, hash.bytes, HASH);
}

static void use(Direction *direction, const Secret *secret) {
    Secret key = expand(secret, "key", "", 0, KEY), iv = expand(secret, "iv", "", 0, IV);
    EVP_CipherInit_ex(direction->cipher, NULL, NULL, key.bytes, NULL, -1);
    memcpy(direction->iv, iv.bytes, IV);
    direction->sequence = 0;
}

// MARK: Records (section 5)

// Encrypts or decrypts in place; the tag stands behind the octets. False when it is wrong.
static bool transform(Direction *direction, const uint8_t *header, uint8_t *octets, size_t count, bool encrypts) {
    uint8_t nonce[IV];
    int length;
    memcpy(nonce, direction->iv, IV);
    for (int i = 0; i < 8; i++) nonce[IV - 1 - i] ^= (uint8_t)(direction->sequence >> (8 * i));
    direction->sequence++;
    EVP_CipherInit_ex(direction->cipher, NULL, NULL, NULL, nonce, -1);
    if (!encrypts) EVP_CIPHER_CTX_ctrl(direction->cipher, EVP_CTRL_AEAD_SET_TAG, TAG, octets + count);
    EVP_CipherUpdate(direction->cipher, NULL, &length, header, HEADER);
    EVP_CipherUpdate(direction->cipher, octets, &length, octets, (int)count);
    if (EVP_CipherFinal_ex(direction->cipher, octets + count, &length) != 1) return false;
    if (encrypts) EVP_CIPHER_CTX_ctrl(direction->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, octets + count);
    return true;
}

static void send_octets(TLSClient *client, const uint8_t *octets, size_t count) {
    while (count > 0) {
        ssize_t sent = write(client->descriptor, octets, count);
        if (sent <= 0) fail("send", "the connection is gone");
        octets += sent;
        count -= (size_t)sent;
    }
}

// Builds an encrypted record at `start`; returns its end.
static uint8_t *seal(TLSClient *client, uint8_t *start, uint8_t type, const void *octets, size_t count) {
    uint8_t *body = put(put(put(start, DATA, 1), 0x0303, 2), count + 1 + TAG, 2);
    memcpy(body, octets, count);
    body[count] = type;
    transform(&client->out, start, body, count + 1, true);
    return body + count + 1 + TAG;
}

// The next record, decrypted where it is: its type and its octets. 0 at the end of the connection.
static uint8_t next_record(TLSClient *client, bool is_encrypted, uint8_t **octets, size_t *count) {
    for (;;) {
        uint8_t *record = client->input + client->taken;
        size_t there = client->filled - client->taken, length = there < HEADER ? 0 : number(record + 3, 2);
        if (length > RECORD + 256) fail("record", "too long");
        if (there >= HEADER && there - HEADER >= length) {
            client->taken += HEADER + length;
            *octets = record + HEADER;
            *count = length;
            if (record[0] == CHANGE_CIPHER_SPEC) continue;
            if (record[0] != DATA || !is_encrypted) return record[0];
            if (length < TAG || !transform(&client->in, record, *octets, length - TAG, false)) fail("record", "cannot be opened");
            *count = length - TAG;
            while (*count > 0 && (*octets)[*count - 1] == 0) (*count)--;
            if (*count == 0) fail("record", "has no type");
            return (*octets)[--*count];
        }
        memmove(client->input, record, there);
        client->taken = 0;
        client->filled = there;
        ssize_t got = read(client->descriptor, client->input + there, sizeof client->input - there);
        if (got <= 0) return 0;
        client->filled += (size_t)got;
    }
}

// MARK: Handshake (section 4)

static uint8_t *put_pre_shared_key(const Ticket *ticket, uint8_t *end) {
    uint32_t age = (uint32_t)(now_in_milliseconds() - ticket->received);
    end = put(put(end, PRE_SHARED_KEY, 2), 2 + 2 + ticket->length + 4 + 2 + 1 + HASH, 2);
    end = put(put(end, 2 + ticket->length + 4, 2), ticket->length, 2);
    memcpy(end, ticket->bytes, ticket->length);
    end = put(end + ticket->length, (uint32_t)(age + ticket->age_add), 4);
    // The binder follows, over all that stands before the list of binders.
    return put(put(end, 1 + HASH, 2), HASH, 1) + HASH;
}

// Builds ClientHello behind a record's header; returns its end.
static uint8_t *hello(TLSClient *client, uint8_t *start, SHA512_CTX *transcript) {
    static const uint8_t suites[] = {0, 2, 0x13, 0x02, 1, 0};
    static const uint8_t fixed_extensions[] = {
        0, 43, 0, 3, 2, 3, 4,             // supported_versions: TLS 1.3
        0, 10, 0, 4, 0, 2, 0, 29,         // supported_groups: X25519
        0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1, // signature_algorithms: ECDSA P-256, RSA-PSS, RSA PKCS #1, each with SHA-256
        0, 45, 0, 2, 1, 1,                // psk_key_exchange_modes: with a key exchange of its own
        0, KEY_SHARE, 0, 38, 0, 36, 0, 29, 0, KEY,
    };
    uint8_t *end = put(put(put(start, CLIENT_HELLO, 1), 0, 3), 0x0303, 2);
    RAND_bytes(end, 32);
    end = put(end + 32, 32, 1);
    // A session id for the middleboxes, as most clients have (appendix D.4).
    RAND_bytes(end, 32);
    memcpy(end += 32, suites, sizeof suites);
    uint8_t *extensions = end + sizeof suites;
    memcpy(extensions + 2, fixed_extensions, sizeof fixed_extensions);
    end = extensions + 2 + sizeof fixed_extensions;
    memcpy(end, client->key_share, KEY);
    end += KEY;
    if (client->ticket.length > 0) end = put_pre_shared_key(&client->ticket, end);
    put(extensions, (size_t)(end - extensions - 2), 2);
    put(start + 1, (size_t)(end - start - 4), 3);
    if (client->ticket.length > 0) {
        SHA512_CTX truncated;
        SHA384_Init(&truncated);
        SHA384_Update(&truncated, start, (size_t)(end - start) - HASH - 3);
        Secret binder = finished(&client->ticket.binder_key, &truncated);
        memcpy(end - HASH, binder.bytes, HASH);
    }
    SHA384_Update(transcript, start, (size_t)(end - start));
    return end;
}

// What the server has chosen: its key share, and whether it resumes.
static bool read_server_hello(const uint8_t *octets, size_t count, const uint8_t **key_share) {
    const uint8_t *end = octets + count, *extension = octets + 4 + 2 + 32;
    bool resumes = false;
    *key_share = NULL;
    extension += 1 + extension[0] + 2 + 1 + 2;
    while (extension + 4 <= end) {
        size_t length = number(extension + 2, 2);
        if (number(extension, 2) == PRE_SHARED_KEY) resumes = true;
        if (number(extension, 2) == KEY_SHARE && length == 4 + KEY) *key_share = extension + 8;
        extension += 4 + length;
    }
    if (!*key_share) fail("handshake", "the server does not take our key share");
    return resumes;
}

static Secret shared_secret(TLSClient *client, const uint8_t *key_share) {
    Secret result = {0};
    size_t length = KEY;
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, key_share, KEY);
    if (EVP_PKEY_derive_set_peer_ex(client->exchange, peer, 0) != 1 ||
        EVP_PKEY_derive(client->exchange, result.bytes, &length) != 1)
        fail("handshake", "no shared secret");
    EVP_PKEY_free(peer);
    return result;
}

// Reads up to the server's Finished, whatever stands before it.
static void read_flight(TLSClient *client, SHA512_CTX *transcript) {
    uint8_t flight[RECORD], *octets;
    size_t filled = 0, taken = 0, count;
    for (;;) {
        if (next_record(client, true, &octets, &count) != HANDSHAKE) fail("handshake", "the server ends it");
        if (count > sizeof flight - filled) fail("handshake", "too long a certificate");
        memcpy(flight + filled, octets, count);
        filled += count;
        while (filled - taken >= 4 && filled - taken - 4 >= number(flight + taken + 1, 3)) {
            bool is_last = flight[taken] == FINISHED;
            taken += 4 + number(flight + taken + 1, 3);
            if (!is_last) continue;
            SHA384_Update(transcript, flight, taken);
            return;
        }
    }
}

bool tls_connect(TLSClient *client, int descriptor) {
    SHA512_CTX transcript;
    uint8_t *octets, *end = client->output + HEADER;
    const uint8_t *key_share;
    size_t count;
    client->descriptor = descriptor;
    client->taken = client->filled = client->clear_length = 0;
    SHA384_Init(&transcript);
    end = hello(client, end, &transcript);
    put(put(put(client->output, HANDSHAKE, 1), 0x0301, 2), (size_t)(end - client->output) - HEADER, 2);
    send_octets(client, client->output, (size_t)(end - client->output));

    if (next_record(client, false, &octets, &count) != HANDSHAKE || octets[0] != SERVER_HELLO) fail("handshake", "no ServerHello");
    SHA384_Update(&transcript, octets, count);
    bool resumed = read_server_hello(octets, count, &key_share);
    Secret early = resumed ? client->ticket.early : mac(&nothing, nothing.bytes, HASH);
    Secret salt = derive_from_nothing(&early, "derived"), shared = shared_secret(client, key_share);
    Secret secret = mac(&salt, shared.bytes, KEY);
    Secret ours = derive(&secret, "c hs traffic", &transcript), theirs = derive(&secret, "s hs traffic", &transcript);
    use(&client->in, &theirs);
    use(&client->out, &ours);
    read_flight(client, &transcript);

    salt = derive_from_nothing(&secret, "derived");
    secret = mac(&salt, nothing.bytes, HASH);
    uint8_t message[4 + HASH];
    Secret proof = finished(&ours, &transcript);
    memcpy(put(put(message, FINISHED, 1), HASH, 3), proof.bytes, HASH);
    ours = derive(&secret, "c ap traffic", &transcript);
    theirs = derive(&secret, "s ap traffic", &transcript);
    static const uint8_t change[] = {CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1};
    memcpy(client->output, change, sizeof change);
    end = seal(client, client->output + sizeof change, HANDSHAKE, message, sizeof message);
    send_octets(client, client->output, (size_t)(end - client->output));
    SHA384_Update(&transcript, message, sizeof message);
    if (client->keeps_tickets) client->resumption = derive(&secret, "res master", &transcript);
    use(&client->in, &theirs);
    use(&client->out, &ours);
    return resumed;
}

// NewSessionTicket (section 4.6.1).
static void keep(TLSClient *client, const uint8_t *octets) {
    Ticket *ticket = &client->ticket;
    const uint8_t *nonce = octets + 4 + 4 + 4 + 1, *body = nonce + nonce[-1];
    size_t length = number(body, 2);
    if (length > TICKET) fail("ticket", "too long");
    ticket->length = length;
    memcpy(ticket->bytes, body + 2, length);
    ticket->age_add = (uint32_t)number(octets + 8, 4);
    ticket->received = now_in_milliseconds();
    Secret psk = expand(&client->resumption, "resumption", nonce, nonce[-1], HASH);
    ticket->early = mac(&nothing, psk.bytes, HASH);
    ticket->binder_key = derive_from_nothing(&ticket->early, "res binder");
}

// MARK: Use

void tls_set_up(TLSClient *client, bool keeps_tickets) {
    size_t length = KEY;
    memset(client, 0, sizeof *client);
    client->keeps_tickets = keeps_tickets;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    client->exchange = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    client->in.cipher = EVP_CIPHER_CTX_new();
    client->out.cipher = EVP_CIPHER_CTX_new();
    if (EVP_PKEY_get_raw_public_key(key, client->key_share, &length) != 1 || EVP_PKEY_derive_init(client->exchange) != 1 ||
        EVP_DecryptInit_ex(client->in.cipher, EVP_aes_256_gcm(), NULL, NULL, NULL) != 1 ||
        EVP_EncryptInit_ex(client->out.cipher, EVP_aes_256_gcm(), NULL, NULL, NULL) != 1)
        fail("set-up", "libcrypto cannot do X25519 and AES-256-GCM");
    EVP_PKEY_free(key);
}

void tls_write(TLSClient *client, const void *octets, size_t count) {
    uint8_t *end = seal(client, client->output, DATA, octets, count);
    send_octets(client, client->output, (size_t)(end - client->output));
}

size_t tls_read(TLSClient *client, void *octets, size_t room) {
    while (client->clear_length == 0) {
        switch (next_record(client, true, &client->clear, &client->clear_length)) {
        case DATA: break;
        case HANDSHAKE:
            if (client->keeps_tickets && client->clear[0] == NEW_SESSION_TICKET) keep(client, client->clear);
            client->clear_length = 0;
            break;
        default: client->clear_length = 0; return 0;
        }
    }
    if (room > client->clear_length) room = client->clear_length;
    memcpy(octets, client->clear, room);
    client->clear += room;
    client->clear_length -= room;
    return room;
}

void tls_end(TLSClient *client) {
    static const uint8_t close_notify[] = {1, 0};
    uint8_t *end = seal(client, client->output, ALERT, close_notify, sizeof close_notify);
    // The server may be gone already.
    send(client->descriptor, client->output, (size_t)(end - client->output), MSG_NOSIGNAL);
}
