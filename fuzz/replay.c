/*
 * replay.c - run a fuzz target over files, without a fuzzer
 *
 *   replay [-m MUTANTS] [-s SEED] FILE...
 *
 * Each file is given as it is, then MUTANTS times with a few bytes changed at random (a
 * fixed sequence for a seed). Compiled by afl-clang-fast, it is AFL++'s persistent mode
 * instead, and takes no arguments.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t replay_state = 1;

static uint64_t
replay_random(void)
{
    replay_state ^= replay_state << 13;
    replay_state ^= replay_state >> 7;
    replay_state ^= replay_state << 17;
    return replay_state;
}

static void
replay_mutate(uint8_t *p, size_t n)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x10, 0x40};
    const unsigned changes = 1 + (unsigned)(replay_random() % 4);

    for (unsigned i = 0; i < changes && n > 0; i++) {
        const size_t at = (size_t)(replay_random() % (replay_random() % 2 ? n : n < 4096 ? n : 4096));
        if (replay_random() % 2)
            p[at] = odd[replay_random() % sizeof odd];
        else
            p[at] ^= (uint8_t)(1u << replay_random() % 8);
    }
}

static int
replay_file(const char *path, unsigned mutants)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes, *copy;
    long n;

    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0 ||
        fseek(f, 0, SEEK_SET) != 0)
        return fprintf(stderr, "replay: cannot read %s\n", path), 1;
    bytes = malloc((size_t)n + 1);
    copy = malloc((size_t)n + 1);
    if (bytes == NULL || copy == NULL || fread(bytes, 1, (size_t)n, f) != (size_t)n)
        return fprintf(stderr, "replay: cannot read %s\n", path), 1;
    fclose(f);
    LLVMFuzzerTestOneInput(bytes, (size_t)n);
    for (unsigned i = 0; i < mutants; i++) {
        memcpy(copy, bytes, (size_t)n);
        replay_mutate(copy, (size_t)n);
        LLVMFuzzerTestOneInput(copy, (size_t)n);
    }
    free(bytes);
    free(copy);
    return 0;
}

#ifdef __AFL_HAVE_MANUAL_CONTROL
__AFL_FUZZ_INIT();

int
main(void)
{
    const unsigned char *bytes;

    __AFL_INIT();
    bytes = __AFL_FUZZ_TESTCASE_BUF; /* only now, says AFL++ */
    while (__AFL_LOOP(10000))
        LLVMFuzzerTestOneInput(bytes, __AFL_FUZZ_TESTCASE_LEN);
    return 0;
}
#else
int
main(int argc, char **argv)
{
    unsigned mutants = 0;
    int i = 1, failed = 0, tried = 0;

    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (argv[i][1] == 'm')
            mutants = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else
            replay_state = strtoull(argv[i + 1], NULL, 10) * 2 + 1;
    }
    for (; i < argc; i++, tried++)
        failed += replay_file(argv[i], mutants);
    printf("%d passed, %d failed\n", tried - failed, failed);
    return failed != 0;
}
#endif
