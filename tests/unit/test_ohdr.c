/*
 * test_ohdr.c - object headers [FMT IV.A.1]
 */
#include "format/ohdr.h"
#include "memfile.h"
#include <stdio.h>

Suite *suite_ohdr(void);

#define AT 0x60u

static hi5_status
read_at(struct memfile *f, uint64_t addr, struct ohdr **h)
{
    memfile_fresh(f);
    return ohdr_read(&f->meta, addr, &f->arena, h, &f->err);
}

/* Reading fails: how, where, in which structure and field. */
static void
refused(struct memfile *f, hi5_status status, uint64_t at, const char *structure,
        const char *field)
{
    struct ohdr *h;

    ck_status(read_at(f, AT, &h), status);
    ck_at(&f->err, at, structure, field);
    ck_assert_str_eq(f->err.field, field);
    ck_assert_ptr_null(h);
}

/* A version-1 prefix at AT. */
static void
prefix_1(struct memfile *f, unsigned messages, unsigned refcount, unsigned size)
{
    size_t at = memfile_hex(f, AT, "01 00");

    at = memfile_uint(f, at, 2, messages);
    at = memfile_uint(f, at, 4, refcount);
    at = memfile_uint(f, at, 4, size);
    memfile_uint(f, at, 4, 0);
}

/* A version-2 header at AT with these message bytes and a checksum. */
static void
header_2(struct memfile *f, unsigned flags, const char *messages)
{
    const size_t start = memfile_hex(f, AT, "4f484452 02") + 2;
    const size_t end = memfile_hex(f, start, messages);

    f->bytes[AT + 5] = (uint8_t)flags;
    f->bytes[AT + 6] = (uint8_t)(end - start);
    memfile_sum(f, AT, end);
}

/* The root group of most files. OH-05: its only message is at 16. */
START_TEST(version_1)
{
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 1, 3, 24);
    memfile_hex(&f, AT + 16, "1100 1000 00 000000 8800000000000000 a802000000000000");
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->version, 1);
    ck_assert_uint_eq(h->refcount, 3); /* OH-14 */
    ck_assert_uint_eq(h->nmsgs, 1);
    ck_assert_uint_eq(h->msg[0].type, MSG_STAB);
    ck_assert_uint_eq(h->msg[0].size, 16);
    ck_assert_uint_eq(h->msg[0].addr, AT + 24);
    ck_assert_uint_eq(h->msg[0].body[0], 0x88);
    ck_assert_uint_eq(h->nchunks, 1);
    ck_assert_uint_eq(h->chunk[0].size, 40);
    ck_assert_uint_eq(h->max_compact, 8);
    ck_assert_uint_eq(h->min_dense, 6);
    ck_assert(!h->flawed);
    ck_assert_int_eq(ohdr_kind(h), HI5_KIND_GROUP);
    prefix_1(&f, 0, 1, 0); /* empty */
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->nmsgs, 0);
    ck_assert_int_eq(ohdr_kind(h), HI5_KIND_UNKNOWN); /* EVIL-29 */
    memfile_close(&f);
}
END_TEST

/* Written by libhdf5 1.10.8: a committed int, times, order tracked. OH-06: message
 * headers of 6 bytes; OH-01: the size is that of the messages alone. */
START_TEST(version_2)
{
    const char *const hex =
        "4f484452 02 24 dc1c006b dc1c006b dc1c006b dc1c006b 16"
        "03 0c00 05 0000 140100000200000000001000 00000000 b570e413";
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    memfile_hex(&f, AT, hex);
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->version, 2);
    ck_assert_uint_eq(h->flags, 0x24);
    ck_assert_uint_eq(h->refcount, 1);
    ck_assert_int_eq(h->atime, 0x6b001cdc);
    ck_assert_int_eq(h->btime, 0x6b001cdc);
    ck_assert_uint_eq(h->nmsgs, 1); /* and a gap of 4 bytes */
    ck_assert_uint_eq(h->msg[0].type, MSG_TYPE);
    ck_assert_uint_eq(h->msg[0].flags, 0x05);
    ck_assert_uint_eq(h->msg[0].size, 12);
    ck_assert_uint_eq(h->msg[0].addr, AT + 29);
    ck_assert_int_eq(ohdr_kind(h), HI5_KIND_DATATYPE);
    /* OH-02: each bit of the block counts */
    for (size_t bit = 0; bit < 8 * 49; bit++) {
        f.bytes[AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_msg(read_at(&f, AT, &h) != HI5_OK, "bit %zu", bit);
        f.bytes[AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    memfile_hex(&f, AT + 45, "00");
    refused(&f, HI5_E_CHECKSUM, AT + 45, "OHDR", "checksum");
    memfile_close(&f);
}
END_TEST

/* OH-13 */
START_TEST(size_widths)
{
    static const size_t sizes[] = {0, 255, 256, 65535, 65536};
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 80000, 8, 8);
    for (unsigned w = 0; w < 4; w++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            size_t at, left = sizes[i];

            if (w < 3 && sizes[i] >> (8u << w) != 0)
                continue;
            at = memfile_uint(&f, memfile_hex(&f, AT, "4f484452 02"), 1, w);
            at = memfile_uint(&f, at, 1u << w, left);
            while (left >= 4) { /* NIL messages */
                const size_t n = left - 4 < 60000 ? left - 4 : 60000;
                at = memfile_uint(
                         &f, memfile_uint(&f, memfile_uint(&f, at, 1, 0), 2, n), 1, 0) +
                     n;
                left -= 4 + n;
            }
            memfile_sum(&f, AT, at);
            ck_ok(read_at(&f, AT, &h), &f.err);
            ck_assert_uint_eq(h->chunk[0].size, at + 4 - AT);
            ck_assert_uint_eq(h->nmsgs, sizes[i] == 0 ? 0 : sizes[i] > 60004 ? 2 : 1);
            memset(f.bytes, 0, f.n);
        }
    memfile_close(&f);
}
END_TEST

START_TEST(phase_change)
{
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    memfile_hex(&f, AT, "4f484452 02 10 0500 0200 00");
    memfile_sum(&f, AT, AT + 11);
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->max_compact, 5);
    ck_assert_uint_eq(h->min_dense, 2);
    memfile_hex(&f, AT, "4f484452 02 10 0500 0600 00");
    memfile_sum(&f, AT, AT + 11);
    refused(&f, HI5_E_CORRUPT, AT + 8, "OHDR", "least dense attributes");
    memfile_hex(&f, AT, "4f484452 02 40 00");
    refused(&f, HI5_E_CORRUPT, AT + 5, "OHDR", "flags");
    memfile_hex(&f, AT, "4f484452 02 00 03");
    refused(&f, HI5_E_CORRUPT, AT + 6, "OHDR", "chunk size");
    memfile_hex(&f, AT, "4f484452 02 04 05");
    refused(&f, HI5_E_CORRUPT, AT + 6, "OHDR", "chunk size");
    memfile_hex(&f, AT, "4f484452 03 00 00");
    refused(&f, HI5_E_CORRUPT, AT + 4, "OHDR", "version");
    memfile_hex(&f, AT, "4f484453 02 00 00");
    refused(&f, HI5_E_CORRUPT, AT, "object header", "version");
    memfile_close(&f);
}
END_TEST

/* Chunks come in the order in which they were named, each message in its place. */
START_TEST(continuations_1)
{
    struct memfile f;
    struct ohdr *h;
    size_t i = 0;

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 6, 1, 48);
    memfile_hex(&f, AT + 16,
                "1000 1000 00 000000 0004000000000000 2800000000000000"
                "1000 1000 00 000000 0002000000000000 1000000000000000");
    memfile_hex(&f, 0x400,
                "1000 1000 00 000000 0003000000000000 0800000000000000"
                "0300 0800 00 000000 1300000001000000");
    memfile_hex(&f, 0x200, "0100 0800 00 000000 0100000000000000");
    memfile_hex(&f, 0x300, "0000 0000 00 000000");
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->nchunks, 4);
    ck_assert_uint_eq(h->chunk[1].addr, 0x400);
    ck_assert_uint_eq(h->chunk[2].addr, 0x200);
    ck_assert_uint_eq(h->chunk[3].addr, 0x300);
    ck_assert_uint_eq(h->nmsgs, 6);
    ck_assert_uint_eq(h->msg[2].type, MSG_CONT);
    ck_assert_uint_eq(h->msg[3].type, MSG_TYPE);
    ck_assert_uint_eq(h->msg[4].type, MSG_SPACE);
    ck_assert_uint_eq(h->msg[4].addr, 0x208);
    ck_assert_uint_eq(h->msg[5].type, MSG_NIL);
    ck_assert(!h->flawed);
    ck_assert_int_eq(ohdr_kind(h), HI5_KIND_DATASET);
    ck_assert_ptr_eq(ohdr_next(h, MSG_CONT, &i), &h->msg[0]);
    ck_assert_ptr_eq(ohdr_next(h, MSG_CONT, &i), &h->msg[1]);
    ck_assert_ptr_eq(ohdr_next(h, MSG_CONT, &i), &h->msg[2]);
    ck_assert_ptr_null(ohdr_next(h, MSG_CONT, &i));
    ck_assert_ptr_eq(ohdr_first(h, MSG_SPACE), &h->msg[4]);
    ck_assert_ptr_null(ohdr_first(h, MSG_ATTR));
    memfile_close(&f);
}
END_TEST

START_TEST(continuations_2)
{
    struct memfile f;
    struct ohdr *h;
    size_t at;

    memfile_open(&f, 4096, 8, 8);
    header_2(&f, 0x04, "10 1000 00 0000 0002000000000000 1e00000000000000");
    at = memfile_hex(&f, 0x200,
                     "4f43484b 16 0500 00 0000 0003000000 0a 0200 00 0700 0000"
                     "00 0000"); /* a gap of 3 */
    memfile_sum(&f, 0x200, at);
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->refcount, 3); /* OH-14 */
    ck_assert_uint_eq(h->nmsgs, 3);
    ck_assert_uint_eq(h->msg[2].order, 7);
    ck_assert_uint_eq(h->msg[2].addr, 0x200 + 21);
    f.bytes[0x203]++;
    refused(&f, HI5_E_CORRUPT, 0x200, "OCHK", "signature");
    /* Who wants what there is gets the first chunk. */
    ck_status(ohdr_read_some(&f.meta, AT, &f.arena, &h, &f.err), HI5_E_CORRUPT);
    ck_assert_uint_eq(h->nmsgs, 1);
    ck_assert_uint_eq(h->msg[0].type, 0x10);
    ck_assert_uint_eq(h->chunk[0].addr, AT);
    ck_assert_uint_eq(h->refcount, 1);
    ck_status(ohdr_read_some(&f.meta, 0x400, &f.arena, &h, &f.err), HI5_E_CORRUPT);
    ck_assert_uint_eq(h->nmsgs, 0); /* not even a prefix */
    ck_assert_uint_eq(h->nchunks, 0);
    f.bytes[0x203]--;
    f.bytes[0x21c]++; /* in the checksum */
    refused(&f, HI5_E_CHECKSUM, 0x21a, "OCHK", "checksum");
    memfile_close(&f);
}
END_TEST

/* EVIL-01 */
START_TEST(loops)
{
    static const char *const bad[] = {
        "6000000000000000 2800000000000000", /* itself */
        "7000000000000000 0800000000000000", /* inside itself */
        "5000000000000000 1100000000000000", /* one byte of it */
        "8700000000000000 1000000000000000", /* its last byte */
    };
    struct memfile f;
    char hex[100];

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 1, 1, 24);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(hex, sizeof hex, "1000 1000 00 000000 %s", bad[i]);
        memfile_hex(&f, AT + 16, hex);
        refused(&f, HI5_E_CORRUPT, AT + 32, "continuation message", "address");
    }
    /* mutual */
    prefix_1(&f, 2, 1, 24);
    memfile_hex(&f, AT + 16, "1000 1000 00 000000 0002000000000000 1800000000000000");
    memfile_hex(&f, 0x200, "1000 1000 00 000000 0002000000000000 1800000000000000");
    refused(&f, HI5_E_CORRUPT, 0x210, "continuation message", "address");
    memfile_close(&f);
}
END_TEST

/* EVIL-01: a chain without end, EVIL-02: lengths 0 to 8 */
START_TEST(chains_and_lengths)
{
    const hi5_limits few = {.size = sizeof few, .header_chunks = 10, .messages = 5};
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 1, 1, 24);
    for (unsigned n = 0; n < 8; n++) {
        size_t at = memfile_hex(&f, AT + 16, "1000 1000 00 000000 0002000000000000");
        memfile_uint(&f, at, 8, n);
        refused(&f, HI5_E_CORRUPT, AT + 32, "continuation message", "size");
    }
    memfile_hex(&f, AT + 16, "1000 1000 00 000000 f80f000000000000 0900000000000000");
    refused(&f, HI5_E_CORRUPT, AT + 32, "continuation message", "address");
    memfile_hex(&f, AT + 16, "1000 1000 00 000000 ffffffffffffffff 0800000000000000");
    refused(&f, HI5_E_CORRUPT, AT + 32, "continuation message", "address");
    memfile_hex(&f, AT + 16, "1000 1000 00 000000 0000010000000000 ffffffffffffffff");
    refused(&f, HI5_E_CORRUPT, AT + 32, "continuation message", "address");
    for (size_t at = AT + 16; at + 48 < f.n; at += 24) {
        memfile_hex(&f, at, "1000 1000 00 000000");
        memfile_uint(&f, memfile_uint(&f, at + 8, 8, at + 24), 8, 24);
    }
    memfile_fresh(&f);
    f.meta.limits = meta_limits(&few);
    f.meta.limits.messages = 1000;
    ck_status(ohdr_read(&f.meta, AT, &f.arena, &h, &f.err), HI5_E_LIMIT);
    ck_at(&f.err, AT + 24 * 10 + 32, "continuation message", "more than 10");
    memfile_fresh(&f);
    f.meta.limits = meta_limits(&few);
    ck_status(ohdr_read(&f.meta, AT, &f.arena, &h, &f.err), HI5_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(f.err.message, "more than 5 messages"));
    memfile_close(&f);
}
END_TEST

/* Version 1: the number of messages. As libhdf5, hold only the first chunk to it. */
START_TEST(message_counts)
{
    const char *const two = "0000 0000 00 000000 0000 0000 00 000000";
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    memfile_hex(&f, AT + 16, two);
    prefix_1(&f, 3, 1, 16);
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->declared, 3);
    ck_assert_uint_eq(h->nmsgs, 2);
    ck_assert(h->flawed);
    prefix_1(&f, 1, 1, 16);
    refused(&f, HI5_E_CORRUPT, AT + 2, "object header", "messages");
    prefix_1(&f, 1, 1, 24); /* tbad_msg_count.h5 of libhdf5 */
    memfile_hex(&f, AT + 16, "1000 1000 00 000000 0002000000000000 1000000000000000");
    memfile_hex(&f, 0x200, two);
    ck_ok(read_at(&f, AT, &h), &f.err);
    ck_assert_uint_eq(h->nmsgs, 3);
    ck_assert(h->flawed);
    prefix_1(&f, 0, 1, 8);
    refused(&f, HI5_E_CORRUPT, AT + 8, "object header", "chunk size");
    prefix_1(&f, 1, 1, 0);
    refused(&f, HI5_E_CORRUPT, AT + 8, "object header", "chunk size");
    prefix_1(&f, 1, 1, 0xfff0);
    refused(&f, HI5_E_TRUNCATED, AT + 12, "object header", "chunk size");
    memfile_close(&f);
}
END_TEST

/* OH-12: one rule for messages that overrun; and none may be unaligned */
START_TEST(message_sizes)
{
    struct memfile f;

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 1, 1, 24);
    memfile_hex(&f, AT + 16, "0000 1800 00 000000");
    refused(&f, HI5_E_TRUNCATED, AT + 24, "object header", "message");
    memfile_hex(&f, AT + 16, "0000 0c00 00 000000");
    refused(&f, HI5_E_CORRUPT, AT + 18, "object header", "message size");
    prefix_1(&f, 1, 1, 20); /* half a message header is left */
    memfile_hex(&f, AT + 16, "0000 0800 00 000000");
    refused(&f, HI5_E_TRUNCATED, AT + 36 - 0, "object header", "message flags");
    header_2(&f, 0, "00 0100 00");
    refused(&f, HI5_E_TRUNCATED, AT + 11, "OHDR", "message");
    memfile_close(&f);
}
END_TEST

/* OH-07, and the combinations that libhdf5 refuses (CVE-2016-4332) */
START_TEST(message_flags)
{
    static const struct {
        unsigned type, flags;
        hi5_status status;
    } all[] = {
        {0x03, 0x02 | 0x04, HI5_E_CORRUPT},
        {0x03, 0x20, HI5_E_CORRUPT},
        {0x03, 0x20 | 0x10 | 0x08, HI5_E_CORRUPT},
        {0x03, 0x20 | 0x10, HI5_OK},
        {0x03, 0x02, HI5_OK},
        {0x03, 0x40, HI5_OK},
        {0x03, 0x80, HI5_OK},
        {0x12, 0x02, HI5_E_CORRUPT},
        {0x12, 0x40, HI5_E_CORRUPT},
        {0x09, 0x80, HI5_E_UNSUPPORTED},
        {0x1a, 0x80, HI5_E_UNSUPPORTED},
        {0x7f, 0x08, HI5_OK},
        {0x7f, 0x10, HI5_OK},
        {0x7f, 0x30, HI5_OK},
        {0x7f, 0x02, HI5_OK},
        {0x7f, 0x00, HI5_OK},
    };
    struct memfile f;
    struct ohdr *h;
    char hex[32];

    memfile_open(&f, 4096, 8, 8);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        snprintf(hex, sizeof hex, "%02x 0000 %02x", all[i].type, all[i].flags);
        header_2(&f, 0, hex);
        if (all[i].status == HI5_OK) {
            ck_ok(read_at(&f, AT, &h), &f.err);
            ck_assert_uint_eq(h->msg[0].type, all[i].type); /* unknown ones are kept */
            ck_assert_uint_eq(h->msg[0].flags, all[i].flags);
            continue;
        }
        refused(&f, all[i].status, AT + 10, "OHDR",
                all[i].status == HI5_E_CORRUPT ? "message flags" : "message type");
        snprintf(hex, sizeof hex, "message 0x%02x is unknown", all[i].type);
        ck_assert(all[i].status == HI5_E_CORRUPT || strstr(f.err.message, hex) != NULL);
    }
    memfile_close(&f);
}
END_TEST

START_TEST(reference_counts)
{
    struct memfile f;

    memfile_open(&f, 4096, 8, 8);
    prefix_1(&f, 1, 1, 16);
    memfile_hex(&f, AT + 16, "1600 0800 00 000000 0002000000000000");
    ck_status(read_at(&f, AT, &(struct ohdr *){NULL}), HI5_E_CORRUPT);
    ck_assert_str_eq(f.err.field, "message type");
    header_2(&f, 0, "16 0400 00 00020000");
    refused(&f, HI5_E_TRUNCATED, AT + 12, "reference count message", "count");
    memfile_close(&f);
}
END_TEST

/* The body of a message is what the arena has, whatever becomes of the cache. */
START_TEST(addresses)
{
    struct memfile f;
    struct ohdr *h;

    memfile_open(&f, 4096, 8, 8);
    ck_status(read_at(&f, 4096, &h), HI5_E_TRUNCATED);
    ck_assert_uint_eq(f.err.address, 4096);
    ck_status(read_at(&f, ADDR_NONE, &h), HI5_E_CORRUPT);
    ck_status(read_at(&f, 4095, &h), HI5_E_CORRUPT); /* a zero is no version */
    ck_at(&f.err, 4095, "object header", "version");
    f.bytes[4095] = 1;
    ck_status(read_at(&f, 4095, &h), HI5_E_TRUNCATED);
    ck_at(&f.err, 4096, "object header", "reserved");
    memfile_close(&f);
}
END_TEST

/* EVIL-27: every allocation may fail */
START_TEST(no_memory)
{
    struct memfile f;
    struct ohdr *h;
    hi5_status s = HI5_E_NOMEM;

    memfile_open(&f, 4096, 8, 8);
    header_2(&f, 0x00, "10 1000 00 0002000000000000 0c00000000000000");
    memfile_sum(&f, 0x200, memfile_hex(&f, 0x200, "4f43484b 00 0000 00"));
    for (size_t room = 0; s != HI5_OK; room += 64) {
        ck_assert_uint_lt(room, 100000);
        memfile_fresh(&f);
        f.mem.limit = f.mem.used + room;
        s = ohdr_read(&f.meta, AT, &f.arena, &h, &f.err);
        f.mem.limit = 1u << 30;
        if (s != HI5_OK)
            ck_assert(s == HI5_E_LIMIT || s == HI5_E_NOMEM);
    }
    ck_assert_uint_eq(h->nmsgs, 2);
    memfile_close(&f);
}
END_TEST

Suite *
suite_ohdr(void)
{
    Suite *const s = suite_create("ohdr");
    TCase *const tc = tcase_create("ohdr");

    tcase_add_test(tc, version_1);
    tcase_add_test(tc, version_2);
    tcase_add_test(tc, size_widths);
    tcase_add_test(tc, phase_change);
    tcase_add_test(tc, continuations_1);
    tcase_add_test(tc, continuations_2);
    tcase_add_test(tc, loops);
    tcase_add_test(tc, chains_and_lengths);
    tcase_add_test(tc, message_counts);
    tcase_add_test(tc, message_sizes);
    tcase_add_test(tc, message_flags);
    tcase_add_test(tc, reference_counts);
    tcase_add_test(tc, addresses);
    tcase_add_test(tc, no_memory);
    suite_add_tcase(s, tc);
    return s;
}
