/* A bare merge-join: what comparing desired with live records cannot be faster than.
 *
 *   merge [--count 1000000] [--seed 1]
 *
 * Two arrays of packed rows of ten fields, sorted by id; in one row of a hundred, one field differs.
 * Timed is the merge alone: equal ids, then all bytes of both rows, then which fields differ. */
#include "limit.h"

enum { FIELDS = 10, ID_BYTES = 18, MOST_ROW_BYTES = 1024 };

/* Rows one after the other: the id, the length of the rest in two bytes, and for each field its
 * length in one byte and so many bytes. */
struct rows {
    unsigned char *bytes;
    size_t used, room;
};

static void reserve(struct rows *rows) {
    if (rows->used + MOST_ROW_BYTES <= rows->room) return;
    rows->room = rows->room ? rows->room * 2 : 1 << 20;
    rows->bytes = realloc(rows->bytes, rows->room);
    if (!rows->bytes) die("no memory for %zu bytes", rows->room);
}

/* Field lengths as records have them: a name, an address, a date, an id, a flag, … */
static const int lengths[FIELDS] = {12, 16, 28, 18, 24, 24, 40, 18, 5, 22};

static void append(struct rows *rows, long index, uint64_t seed, int changed) {
    reserve(rows);
    unsigned char *row = rows->bytes + rows->used, *end = row + ID_BYTES + 2;
    char id[32];
    snprintf(id, sizeof id, "00Q%015ld", index);
    memcpy(row, id, ID_BYTES);
    uint64_t state = seed + (uint64_t)index;
    for (int field = 0; field < FIELDS; field++) {
        int length = lengths[field] - (int)(next_random(&state) % 4);
        *end++ = (unsigned char)length;
        for (int byte = 0; byte < length; byte++)
            end[byte] = (unsigned char)('a' + next_random(&state) % 26);
        if (field == changed) end[0] = '!';
        end += length;
    }
    size_t rest = (size_t)(end - row) - ID_BYTES - 2;
    row[ID_BYTES] = (unsigned char)(rest >> 8);
    row[ID_BYTES + 1] = (unsigned char)rest;
    rows->used += (size_t)(end - row);
}

static size_t row_bytes(const unsigned char *row) {
    return (size_t)ID_BYTES + 2 + ((size_t)row[ID_BYTES] << 8 | row[ID_BYTES + 1]);
}

static int differing_fields(const unsigned char *left, const unsigned char *right) {
    int count = 0;
    left += ID_BYTES + 2, right += ID_BYTES + 2;
    for (int field = 0; field < FIELDS; field++) {
        size_t a = (size_t)*left + 1, b = (size_t)*right + 1;
        count += a != b || memcmp(left, right, a) != 0;
        left += a, right += b;
    }
    return count;
}

struct outcome {
    long missing, extra, same, changed, fields;
};

static struct outcome merge(const struct rows *desired, const struct rows *live) {
    struct outcome outcome = {0};
    const unsigned char *left = desired->bytes, *left_end = left + desired->used;
    const unsigned char *right = live->bytes, *right_end = right + live->used;
    while (left < left_end && right < right_end) {
        int order = memcmp(left, right, ID_BYTES);
        size_t a = row_bytes(left), b = row_bytes(right);
        if (order == 0) {
            if (a == b && memcmp(left, right, a) == 0) {
                outcome.same++;
            } else {
                outcome.changed++;
                outcome.fields += differing_fields(left, right);
            }
        }
        outcome.missing += order < 0;
        outcome.extra += order > 0;
        if (order <= 0) left += a;
        if (order >= 0) right += b;
    }
    for (; left < left_end; left += row_bytes(left)) outcome.missing++;
    for (; right < right_end; right += row_bytes(right)) outcome.extra++;
    return outcome;
}

int main(int argc, char **argv) {
    long count = number(argc, argv, "--count", 1000000);
    uint64_t seed = (uint64_t)number(argc, argv, "--seed", 1) << 32;
    struct rows desired = {0}, live = {0};
    for (long index = 0; index < count; index++) {
        append(&desired, index, seed, -1);
        append(&live, index, seed, index % 100 == 37 ? (int)(index / 100 % FIELDS) : -1);
    }
    double began = now();
    struct outcome outcome = merge(&desired, &live);
    double seconds = now() - began;
    if (outcome.missing || outcome.extra || outcome.same + outcome.changed != count)
        die("the merge lost rows");
    if (outcome.fields != outcome.changed || outcome.changed != (count + 62) / 100)
        die("the merge found %ld changes", outcome.changed);
    printf(
        "{\"name\":\"merge\",\"events\":%ld,\"seconds\":%.6f,\"rate\":%.1f,\"peakMB\":%.1f,"
        "\"differing\":%ld}\n",
        count, seconds, (double)count / seconds, peak_megabytes(), outcome.changed);
    return 0;
}
