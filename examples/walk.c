/*
 * walk.c - list every link of a file, one per line, going down into groups
 *
 *      walk fixtures/good/groups-old.h5
 *
 * Groups may contain themselves: a hard link is followed only when its object has not
 * been seen on the way down.
 */
#include <hi5.h>
#include <inttypes.h>
#include <stdio.h>

enum { DEEPEST = 64 };

struct way {
    hi5_file *f;
    uint64_t seen[DEEPEST];
    int depth;
};

static hi5_status
show(void *ctx, const hi5_link *link, hi5_error *err)
{
    struct way *const w = ctx;
    hi5_object *o;
    hi5_group *g;
    hi5_status status = HI5_OK;

    printf("%*s%s", 2 * w->depth, "", link->name);
    if (link->kind != HI5_LINK_HARD) {
        printf(" -> %s\n", link->target ? link->target : "?");
        return HI5_OK;
    }
    printf(" (0x%" PRIx64 ")\n", link->address);
    for (int i = 0; i < w->depth; i++)
        if (w->seen[i] == link->address)
            return HI5_OK;
    if (hi5_object_open_address(w->f, link->address, &o, err)) {
        fprintf(stderr, "%s\n", err->message); /* and on with the next */
        return HI5_OK;
    }
    if (hi5_object_kind(o) == HI5_KIND_GROUP && w->depth < DEEPEST - 1) {
        w->seen[w->depth++] = link->address;
        status = hi5_object_group(o, &g, err);
        if (status == HI5_OK) {
            status = hi5_group_each(g, HI5_BY_NAME, false, show, w, err);
            hi5_group_close(g);
        }
        w->depth--;
    }
    hi5_object_close(o);
    return status;
}

int
main(int argc, char **argv)
{
    struct way w = {0};
    hi5_group *root = NULL;
    hi5_error err;
    int failed = 0;

    if (argc != 2)
        return fprintf(stderr, "usage: walk FILE\n"), 2;
    if (hi5_open(argv[1], NULL, &w.f, &err) || hi5_group_open(w.f, "/", &root, &err) ||
        hi5_group_each(root, HI5_BY_NAME, false, show, &w, &err)) {
        fprintf(stderr, "%s\n", err.message);
        failed = 1;
    }
    hi5_group_close(root);
    hi5_close(w.f, NULL);
    return failed;
}
