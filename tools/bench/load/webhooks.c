/* Sends signed webhooks over many connections for some seconds, and measures each answer.
 *
 *   webhooks --port N --body FILE --uid TEXT --email TEXT --secret TEXT --acknowledged FILE
 *            [--connections 64] [--seconds 30]
 *
 * It takes so little of the processor that what is measured is the receiver: one thread waits for all
 * connections, and each sends its next webhook when the one before was answered. Every webhook is
 * another booking of another person: in the body, the digits at the end of each uid, and those in
 * front of each @ of an address, become the webhook's number. The numbers of those that were answered
 * with 200 are written to a file, one per line. A receiver that hangs up ends its connection. */
#define _GNU_SOURCE
#include "../limits/limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_BYTES = 16 << 10, DIGITS = 9, PLACES = 64 };

/* A body with the places at which its number stands. */
struct body {
    char *text;
    size_t bytes, count;
    size_t places[PLACES];
};

/* A connection, and what it waits for. */
struct connection {
    int socket;
    long number;
    double began;
    size_t bytes;
    char answer[ANSWER_BYTES + 1];
};

struct results {
    double *latencies;
    size_t count, room;
    FILE *acknowledged;
    long accepted, others, hung_up;
};

static void find(struct body *body, const char *name, size_t digits_end) {
    size_t length = strlen(name);
    for (char *found = body->text; (found = strstr(found, name)); found += length) {
        if (body->count == PLACES) die("the body names '%s' too often", name);
        body->places[body->count++] = (size_t)(found - body->text) + digits_end - DIGITS;
    }
    if (body->count == 0) die("the body does not name '%s'", name);
}

static struct body read_body(const char *path, const char *uid, const char *email) {
    FILE *file = fopen(path, "rb");
    if (!file) die("%s: %s", path, strerror(errno));
    struct body body = {.text = take(1 << 20)};
    body.bytes = fread(body.text, 1, (1 << 20) - 1, file);
    body.text[body.bytes] = 0;
    fclose(file);
    const char *at = strchr(email, '@');
    if (strlen(uid) < DIGITS || !at || at - email < DIGITS) die("uid or address is too short");
    find(&body, uid, strlen(uid));
    find(&body, email, (size_t)(at - email));
    return body;
}

static void set_number(struct body *body, long number) {
    char digits[DIGITS];
    for (int index = DIGITS; index-- > 0; number /= 10) digits[index] = (char)('0' + number % 10);
    for (size_t index = 0; index < body->count; index++)
        memcpy(body->text + body->places[index], digits, DIGITS);
}

static void say(struct connection *connection, const char *text, size_t bytes) {
    while (bytes > 0) {
        ssize_t sent = send(connection->socket, text, bytes, MSG_NOSIGNAL);
        /* A receiver that is gone is noticed when its answer is waited for. */
        if (sent < 0) return;
        text += sent;
        bytes -= (size_t)sent;
    }
}

/* Sends the webhook of a number, head and body at once. */
static void send_webhook(struct connection *connection, struct body *body, const char *secret,
                         long number) {
    static char request[(1 << 20) + 1024];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    set_number(body, number);
    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body->text,
              body->bytes, digest, &length))
        die("a body cannot be signed");
    char signature[2 * EVP_MAX_MD_SIZE + 1];
    for (unsigned index = 0; index < length; index++)
        snprintf(signature + 2 * index, 3, "%02x", digest[index]);
    int head = snprintf(
        request, 1024,
        "POST /webhooks/cal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "X-Cal-Signature-256: %s\r\nX-Cal-Webhook-Version: 2021-10-20\r\n"
        "Content-Length: %zu\r\n\r\n",
        signature, body->bytes);
    memcpy(request + head, body->text, body->bytes);
    connection->number = number;
    connection->bytes = 0;
    connection->began = now();
    say(connection, request, (size_t)head + body->bytes);
}

/* The status of an answer that is there to its end; 0 while something is missing. */
static int whole_status(const struct connection *connection) {
    const char *end = strstr(connection->answer, "\r\n\r\n");
    if (!end) return 0;
    const char *length = strcasestr(connection->answer, "content-length:");
    if (!length || length > end) die("an answer tells no length");
    size_t needed = (size_t)(end + 4 - connection->answer) + strtoul(length + 15, NULL, 10);
    if (needed > ANSWER_BYTES) die("an answer is longer than %d bytes", ANSWER_BYTES);
    return connection->bytes >= needed ? atoi(connection->answer + 9) : 0;
}

static void note(struct results *results, const struct connection *connection, int status) {
    if (results->count == results->room) {
        results->room = results->room ? 2 * results->room : 1 << 16;
        results->latencies = realloc(results->latencies, results->room * sizeof(double));
        if (!results->latencies) die("no memory for %zu samples", results->room);
    }
    results->latencies[results->count++] = now() - connection->began;
    if (status == 200) {
        results->accepted++;
        fprintf(results->acknowledged, "%ld\n", connection->number);
    } else {
        results->others++;
    }
}

/* Reads what there is; 1 when the answer is whole, -1 when the receiver hung up. */
static int read_answer(struct connection *connection, struct results *results) {
    ssize_t bytes = recv(connection->socket, connection->answer + connection->bytes,
                         ANSWER_BYTES - connection->bytes, 0);
    if (bytes <= 0) return -1;
    connection->bytes += (size_t)bytes;
    connection->answer[connection->bytes] = 0;
    int status = whole_status(connection);
    if (status) note(results, connection, status);
    return status ? 1 : 0;
}

static int connected(long port) {
    int found = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (found < 0 || connect(found, (struct sockaddr *)&address, sizeof address) != 0)
        die("port %ld: %s", port, strerror(errno));
    setsockopt(found, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return found;
}

int main(int argc, char **argv) {
    long port = number(argc, argv, "--port", 0), open = number(argc, argv, "--connections", 64);
    double seconds = (double)number(argc, argv, "--seconds", 30);
    const char *secret = needed(argc, argv, "--secret");
    struct body body = read_body(needed(argc, argv, "--body"), needed(argc, argv, "--uid"),
                                 needed(argc, argv, "--email"));
    struct results results = {.acknowledged = fopen(needed(argc, argv, "--acknowledged"), "w")};
    if (!results.acknowledged) die("the acknowledged cannot be noted: %s", strerror(errno));

    struct connection *connections = take((size_t)open * sizeof *connections);
    int poll = epoll_create1(0);
    long sent = 0;
    for (long index = 0; index < open; index++) connections[index].socket = connected(port);
    double began = now();
    for (long index = 0; index < open; index++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[index]};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[index].socket, &event) != 0)
            die("epoll: %s", strerror(errno));
        send_webhook(&connections[index], &body, secret, ++sent);
    }
    while (open > 0) {
        struct epoll_event ready[64];
        int count = epoll_wait(poll, ready, 64, 60000);
        if (count < 0 && errno != EINTR) die("epoll: %s", strerror(errno));
        if (count == 0) die("no answer for a minute");
        for (int index = 0; index < count; index++) {
            struct connection *connection = ready[index].data.ptr;
            int state = read_answer(connection, &results);
            if (state == 0) continue;
            if (state > 0 && now() - began < seconds) {
                send_webhook(connection, &body, secret, ++sent);
                continue;
            }
            if (state < 0) results.hung_up++;
            close(connection->socket);
            open--;
        }
    }
    double took = now() - began;
    double middle = percentile(results.latencies, results.count, 0.5);
    printf("{\"name\":\"webhooks\",\"events\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"p50us\":%.1f,"
           "\"p99us\":%.1f,\"maxus\":%.1f,\"otherAnswers\":%ld,\"hungUp\":%ld,\"peakMB\":%.1f}\n",
           results.accepted, took, (double)results.accepted / took, middle,
           percentile(results.latencies, results.count, 0.99),
           results.count ? results.latencies[results.count - 1] * 1e6 : 0, results.others,
           results.hung_up, peak_megabytes());
    if (fclose(results.acknowledged) != 0) die("the acknowledged: %s", strerror(errno));
    return 0;
}
