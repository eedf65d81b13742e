/*
 * fuzz_edit.c - edit any bytes as a file, by any script (tests/mutate/edits.c)
 *
 * The script is what comes before the file's signature; without one a new file is made,
 * and edited.
 *
 * What must hold: no crash, no sanitizer report, no HI5_E_INTERNAL, no more memory than
 * the limit, no leak; and if the validator finds no error in the file, it finds none
 * afterwards, and everything reads: whatever was done, and whether or not the disk died
 * or memory ran out.
 */
#include "mutate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_MEMORY (64u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the signature is; `size` if nowhere. */
static size_t
fuzz_signature(const uint8_t *data, size_t size)
{
    static const uint8_t signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

    for (size_t i = 0; i + sizeof signature <= size; i++)
        if (memcmp(data + i, signature, sizeof signature) == 0)
            return i;
    return size;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t live;
    const hi5_limits limits = {.size = sizeof limits, .memory = FUZZ_MEMORY,
                               .chunk_bytes = 16u << 20};
    const hi5_allocator allocator = mut_counted(&live);
    const hi5_open_options open = {.size = sizeof open, .limits = &limits,
                                   .allocator = &allocator,
                                   .others = HI5_OTHERS_FORBID, .threads = 1};
    const size_t script = fuzz_signature(data, size);
    struct mut_file f = {.path = "fuzz.h5", .n = size - script};
    struct mut_verdict v = {.status = HI5_OK};
    struct mut_edited e = {.talk = getenv("FUZZ_TALK") != NULL};

    if (e.talk)
        setvbuf(stdout, NULL, _IOLBF, 4096);
    f.bytes = malloc(f.n != 0 ? f.n : 1);
    if (f.bytes == NULL)
        abort();
    memcpy(f.bytes, data + script, f.n);
    if (f.n != 0)
        mut_check(&f, &open, &v);
    if (!mut_edit_holds(&f, &open, &v, data, script, &e)) {
        fprintf(stderr, "%s\n", e.wrong);
        abort();
    }
    free(f.bytes);
    if (live != 0) {
        fprintf(stderr, "memory leaked: %zu bytes\n", live);
        abort();
    }
    return 0;
}
