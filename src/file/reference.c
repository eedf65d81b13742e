/*
 * reference.c - what references refer to
 */
#include "base/err.h"
#include "file/dataset.h"
#include "format/msg_select.h"
#include "space/convert.h"
#include <string.h>

void
hi5_reclaim(hi5_file *f, const hi5_type *memory, size_t n, void *buf)
{
    conv_reclaim(memory, &f->mem, buf, n);
}

/* A heap object of a reference, with the decoded parts of it. */
struct ref_parts {
    struct arena arena;
    struct ref_object object;
    const uint8_t *bytes;
    size_t n;
};

static hi5_status
ref_copy_heap_object(hi5_file *f, const hi5_reference *r, struct ref_parts *p,
                     hi5_error *err)
{
    const uint8_t *bytes;
    void *held;
    size_t n;

    TRY(gheap_get(f->gheap, r->address, r->index, &bytes, &n, &held, err));
    p->bytes = arena_copy(&p->arena, bytes, n);
    p->n = n;
    gheap_release(f->gheap, held);
    return p->bytes != NULL ? HI5_OK : mem_fail(&f->mem, n, err);
}

/* Region references of the first kind: an address, then the selection. */
static hi5_status
ref_parse_region(hi5_file *f, struct ref_parts *p, hi5_error *err)
{
    struct cur c = meta_cursor_at(&f->meta, p->bytes, p->n, ADDR_NONE, &p->arena, err);

    cur_begin(&c, "region reference", "IV.A.2.d");
    cur_addr(&c, "object address", &p->object.address);
    p->object.selection_len = cur_left(&c);
    cur_view(&c, "selection", &p->object.selection, p->object.selection_len);
    return c.status;
}

static hi5_status
ref_parse(hi5_file *f, const hi5_reference *r, struct ref_parts *p, hi5_error *err)
{
    struct cur c;

    if (!r->in_heap) {
        p->object.address = r->address;
        return HI5_OK;
    }
    TRY(ref_copy_heap_object(f, r, p, err));
    if (r->kind == HI5_REF_REGION)
        return ref_parse_region(f, p, err);
    c = meta_cursor_at(&f->meta, p->bytes, p->n, ADDR_NONE, &p->arena, err);
    ref_object_code(&c, &p->object, (hi5_ref_kind)r->kind, r->external != 0);
    return c.status;
}

static hi5_status
ref_string(hi5_file *f, const char *s, const char **out, hi5_error *err)
{
    char *copy;

    if (s == NULL)
        return HI5_OK;
    copy = mem_box(&f->mem, strlen(s) + 1);
    if (copy == NULL)
        return mem_fail(&f->mem, strlen(s), err);
    memcpy(copy, s, strlen(s) + 1);
    *out = copy;
    return HI5_OK;
}

/* The selection of a region, in the extent of the dataset that it is a region of. */
static hi5_status
ref_selection(hi5_file *f, const struct ref_parts *p, hi5_target *t, hi5_error *err)
{
    struct cur c = meta_cursor_at(&f->meta, p->object.selection, p->object.selection_len,
                                  ADDR_NONE, NULL, err);
    hi5_object *o;
    hi5_dataset *d;
    hi5_status s;

    TRY(object_open(t->file, t->address, NULL, &o, err));
    s = dataset_open(o, NULL, &d, err);
    hi5_object_close(o);
    TRY(s);
    s = select_decode(&c, &t->file->mem, &d->shape, &t->selection);
    hi5_dataset_close(d);
    return s;
}

static hi5_status
ref_resolve(hi5_file *f, const hi5_reference *r, struct ref_parts *p, hi5_target *t,
            hi5_error *err)
{
    TRY(ref_parse(f, r, p, err));
    t->kind = (hi5_ref_kind)r->kind;
    t->address = p->object.address;
    if (p->object.file != NULL)
        TRY(file_open_other(f, HI5_OTHER_REFERENCE, p->object.file, &t->file, err));
    if (t->file == NULL) {
        file_ref(f);
        t->file = f;
    }
    TRY(ref_string(t->file, p->object.file, &t->file_name, err));
    TRY(ref_string(t->file, p->object.attribute, &t->attribute, err));
    if (p->object.selection != NULL)
        TRY(ref_selection(f, p, t, err));
    return HI5_OK;
}

hi5_status
hi5_resolve(hi5_file *f, const hi5_reference *r, hi5_target *t, hi5_error *err)
{
    struct ref_parts p = {.bytes = NULL};
    hi5_status s;

    err_clear(err);
    *t = (hi5_target){0};
    if (r->address == 0 || r->address == ADDR_NONE)
        return err_plain(err, HI5_E_NOTFOUND, "the reference is null");
    arena_init(&p.arena, &f->mem);
    s = ref_resolve(f, r, &p, t, err);
    arena_done(&p.arena);
    if (s != HI5_OK)
        hi5_target_free(t);
    return err_path(err, s, f->path, "reference");
}

void
hi5_target_free(hi5_target *t)
{
    if (t->file != NULL) {
        struct mem *mem = &t->file->mem;
        mem_unbox(mem, (char *)(uintptr_t)t->file_name);
        mem_unbox(mem, (char *)(uintptr_t)t->attribute);
        hi5_selection_free(t->selection);
        file_unref(t->file);
    }
    *t = (hi5_target){0};
}
