/*
 * check_message.c - object header messages, alone and together     [FMT IV.A.2]
 *
 * Each message goes through its codec, whose complaints come back by the watch. What is
 * checked here is what no message can know: sizes, and whether dataspace, datatype,
 * layout, fill value and filters of one dataset go together.
 */
#include "base/ckd.h"
#include "base/err.h"
#include "file/check.h"
#include <string.h>

/* ---- one message ---- */

HI5_INT uint64_t
check_message_head(const struct ohdr *h, const struct ohdr_msg *m)
{
    return m->addr - (h->version == 1                          ? 8
                      : (h->flags & OHDR_F_ORDER_TRACKED) != 0 ? 6
                                                               : 4);
}

/* Where the fields are that only other messages show to be wrong: those of the layout. */
static void
message_places_layout(struct check_header *x, uint64_t at)
{
    const struct msg_layout *const l = &x->layout;
    const struct check *const k = x->k;

    x->at.layout = check_where(k, at, "address");
    x->at.layout_size = check_where(k, at, "size");
    x->at.layout_index = check_where(k, at, "index type");
    x->at.layout_flags = check_where(k, at, "flags");
    x->at.chunk_size = check_where(k, at, "chunk dimension"); /* the last one */
    x->at.chunk_w = l->version >= 4 ? l->enc_w : 4;
    x->at.chunk = x->at.chunk_size;
    if (l->cls == HI5_CHUNKED && x->at.chunk != at && l->ndims > 0)
        x->at.chunk -= (l->ndims - 1u) * x->at.chunk_w;
}

/* The same for all messages. What is shared has its fields elsewhere; then it is where
 * the message is. */
static void
message_places(struct check_header *x, const struct ohdr_msg *m)
{
    const bool shared = (m->flags & MSG_F_SHARED) != 0;
    const uint64_t at = m->addr;
    struct check_places *const p = &x->at;

    switch (m->type) {
    case MSG_SPACE:
        p->dims = at + (shared ? 0 : x->space.version == 1 ? 8 : 4);
        p->max = p->dims + (shared ? 0 : x->space.shape.rank * x->k->meta->len_w);
        break;
    case MSG_FILL:
    case MSG_FILL_OLD:
        if (x->fill_addr != at)
            break; /* the other one counts */
        p->fill_size = shared ? at : check_where(x->k, at, "size");
        p->fill_write = at + (shared || m->type == MSG_FILL_OLD ? 0
                              : x->fill.version < 3             ? 2
                                                                : 1);
        break;
    case MSG_LAYOUT:
        message_places_layout(x, at);
        break;
    case MSG_PLINE:
        x->pline_body = shared ? NULL : m->body;
        break;
    case MSG_LINK_INFO:
        p->link_order = check_where(x->k, at, "next order");
        break;
    case MSG_ATTR_INFO:
        p->attr_order = check_where(x->k, at, "next order");
        break;
    default:
        break;
    }
}

/* What is left behind the contents: padding in version 1. */
static void
message_check_rest(struct check_header *x, const struct ohdr_msg *m,
                   const struct cur *c)
{
    const bool old = x->h->version == 1;

    if (!cur_ok(c) || (old && cur_left(c) == 0))
        return;
    for (size_t i = c->pos; i < c->size; i++)
        if (c->in[i] != 0) {
            check_report_as(x->k, "OH-018", HI5_NOTE, m->addr + i, c->structure, "rest",
                            "%zu bytes follow the message's contents",
                            c->size - c->pos);
            return;
        }
}

static void
message_mtime(struct cur *c, unsigned type)
{
    int64_t t = 0;

    if (type == MSG_MTIME)
        msg_mtime_code(c, &t);
    else
        msg_mtime_old_code(c, &t);
}

static void
message_fill(struct check_header *x, const struct ohdr_msg *m, struct cur *c)
{
    struct msg_fill fill;

    if (m->type == MSG_FILL)
        msg_fill_code(c, &fill);
    else
        msg_fill_old_code(c, &fill);
    if (!cur_ok(c) || (x->has_fill && m->type == MSG_FILL_OLD))
        return;
    x->fill = fill;
    x->fill_addr = m->addr;
    x->has_fill = true;
}

/* Messages of groups, and those that any object may have. */
static void
message_decode_other(struct check_header *x, const struct ohdr_msg *m, struct cur *c)
{
    struct msg_group_info group;
    struct msg_link link;
    const char *text;
    uint32_t count;

    switch (m->type) {
    case MSG_LINK_INFO:
        msg_link_info_code(c, &x->link_info);
        x->has_link_info = cur_ok(c);
        break;
    case MSG_GROUP_INFO:
        msg_group_info_code(c, &group);
        break;
    case MSG_LINK:
        msg_link_code(c, &link);
        break;
    case MSG_STAB:
        msg_stab_code(c, &x->stab);
        x->has_stab = cur_ok(c);
        x->stab_addr = m->addr;
        break;
    case MSG_ATTR_INFO:
        msg_attr_info_code(c, &x->attr_info);
        x->has_attr_info = cur_ok(c);
        x->attr_info_addr = m->addr;
        break;
    case MSG_COMMENT:
        msg_comment_code(c, &text);
        break;
    case MSG_MTIME:
    case MSG_MTIME_OLD:
        message_mtime(c, m->type);
        break;
    case MSG_REFCOUNT:
        msg_refcount_code(c, &count);
        break;
    default:
        c->pos = c->size;
        break;
    }
}

static void
message_decode(struct check_header *x, const struct ohdr_msg *m, struct cur *c)
{
    switch (m->type) {
    case MSG_SPACE:
        msg_space_code(c, &x->space);
        x->has_space = cur_ok(c);
        x->space_addr = m->addr;
        break;
    case MSG_TYPE:
        x->type = NULL;
        msg_type_code(c, &x->type, x->k->meta->limits.depth);
        if (!cur_ok(c))
            x->type = NULL;
        x->type_addr = m->addr;
        break;
    case MSG_FILL:
    case MSG_FILL_OLD:
        message_fill(x, m, c);
        break;
    case MSG_EFL:
        msg_efl_code(c, &x->efl);
        x->has_efl = cur_ok(c);
        x->efl_addr = m->addr;
        break;
    case MSG_LAYOUT:
        msg_layout_code(c, &x->layout);
        x->has_layout = cur_ok(c);
        x->layout_addr = m->addr;
        break;
    case MSG_PLINE:
        msg_pline_code(c, &x->pline);
        x->has_pline = cur_ok(c);
        x->pline_addr = m->addr;
        break;
    default:
        message_decode_other(x, m, c);
        break;
    }
}

static void
message_check_flags(struct check_header *x, const struct ohdr_msg *m)
{
    struct check *const k = x->k;

    k->strange |= m->type >= MSG_KNOWN;
    if (m->type >= MSG_KNOWN || m->type == MSG_BOGUS)
        check_report(k, "OH-012", check_message_head(x->h, m), "object header",
                     "message type", "0x%02x is not a known type", (unsigned)m->type);
    if (m->flags & MSG_F_SHAREABLE && k->file->shared.table == NULL)
        check_report_as(k, "OH-014", HI5_WARNING,
                        check_message_head(x->h, m) + (x->h->version == 1 ? 4 : 3),
                        "object header", "message flags",
                        "to be shared, but the file has no table of shared messages");
}

HI5_INT void
check_message(struct check_header *x, const struct ohdr_msg *m)
{
    uint64_t committed;
    hi5_error err = {0};
    struct cur c;

    message_check_flags(x, m);
    if ((m->flags & MSG_F_SHARED) != 0)
        check_sohm_message(x->k, m->type, m->body, m->size);
    else if ((m->flags & MSG_F_SHAREABLE) != 0)
        check_sohm_copy(x->k, x->h, m);
    if (m->type == MSG_NIL || m->type == MSG_CONT || m->type == MSG_ATTR ||
        m->type >= MSG_KNOWN)
        return;
    if (object_message(x->k->file, m, &x->arena, &c, &committed, &err) != HI5_OK) {
        check_shared_failed(x->k, m->body, m->size, m->addr, &err);
        return;
    }
    check_shares(x->k, committed);
    message_decode(x, m, &c);
    if (cur_ok(&c))
        message_places(x, m);
    if (!cur_ok(&c) && (c.status == HI5_E_NOMEM || c.status == HI5_E_IO)) {
        check_no_memory(x->k, 0);
        return;
    }
    if ((m->flags & MSG_F_SHARED) == 0)
        message_check_rest(x, m, &c);
}

/* ---- datatypes ---- */

/* NOTE(lib): since 1.14.5 libhdf5 refuses numbers that have too many unused bits. */
static bool
type_unusual(const hi5_type *t)
{
    const uint64_t bits = 8 * (uint64_t)t->size;

    return (t->cls == HI5_INTEGER || t->cls == HI5_FLOAT || t->cls == HI5_BITFIELD) &&
           t->size > 1 && t->precision < bits &&
           bits > 2u * ((uint64_t)t->precision + t->offset);
}

static void
check_type_members(struct check *k, const hi5_type *t, uint64_t addr)
{
    struct check_set names = {0};
    uint64_t sum = 0;

    for (unsigned i = 0; i < t->members && !check_broken(k); i++) {
        const char *const name =
            t->cls == HI5_COMPOUND ? t->member[i].name : t->names[i];
        uint64_t hash = 5381;

        for (const char *p = name; *p != '\0'; p++)
            hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
        if (check_set_add(k, &names, hash))
            check_report(k, t->cls == HI5_COMPOUND ? "MS-017" : "MS-020", addr,
                         "datatype message", "member name",
                         "two members are called '%.100s'", name);
        if (t->cls == HI5_COMPOUND)
            sum += t->member[i].type->size;
    }
    if (t->cls == HI5_COMPOUND && sum > t->size)
        check_report(k, "MS-017", addr, "datatype message", "member offset",
                     "members overlap: they have %llu bytes in %zu",
                     (unsigned long long)sum, t->size);
    check_set_done(k, &names);
}

/* References of 1.8 have the width of addresses since 1.12; before that, always 8 bytes. */
static bool
type_narrow_reference(const hi5_type *t)
{
    return t->cls == HI5_REFERENCE && ((t->ref_kind == HI5_REF_OBJECT && t->size < 8) ||
                                       (t->ref_kind == HI5_REF_REGION && t->size < 12));
}

/* Depth was bounded by the codec. */
HI5_INT void
check_type(struct check_header *x, const hi5_type *t, uint64_t addr)
{
    if (type_narrow_reference(t))
        check_refused(x->k, 106, 110, addr, "datatype message", "size",
                      "references are wider");
    if (type_unusual(t))
        check_refused(x->k, 114, 0, t == x->type ? addr + 10 : addr, "datatype message",
                      "precision", "more than half of the bits are unused");
    if ((t->cls == HI5_COMPOUND || t->cls == HI5_ENUM) && t->members != 0)
        check_type_members(x->k, t, addr);
    for (unsigned i = 0; t->cls == HI5_COMPOUND && i < t->members; i++)
        check_type(x, t->member[i].type, addr);
    if (t->base != NULL)
        check_type(x, t->base, addr);
}

/* ---- messages of a dataset together ---- */

static void
agree_fill(struct check_header *x)
{
    struct check *const k = x->k;

    if (!x->has_fill || x->type == NULL || x->kind != HI5_KIND_DATASET)
        return;
    if (x->fill.status == HI5_FILL_USER && x->fill.size != x->type->size)
        check_report(k, "MS-029", x->at.fill_size, "fill value message", "size",
                     "%lu bytes, but an element has %zu", (unsigned long)x->fill.size,
                     x->type->size);
    else if (x->fill.status == HI5_FILL_USER && x->fill.size != 0 &&
             (x->type->has_vlen || x->type->has_ref)) {
        k->filling = true;
        check_values(k, x->type, x->fill.value, 1, x->fill_addr);
        k->filling = false;
    }
    if (x->type->has_vlen && x->fill.version != 0 && x->fill.write_time != 0 &&
        x->layout.cls != HI5_VIRTUAL)
        check_report_as(k, "MS-030", HI5_NOTE, x->at.fill_write, "fill value message",
                        "write time", "%u for variable-length elements",
                        (unsigned)x->fill.write_time);
}

/* Where filter i is, and its first parameter. */
static uint64_t
agree_filter_at(const struct check_header *x, unsigned i, uint64_t *values)
{
    const bool old = x->pline.version == 1;
    const uint8_t *const start = x->pline_body, *p = start;

    *values = x->pline_addr;
    if (p == NULL)
        return x->pline_addr;
    for (p += old ? 8 : 2;; i--) {
        const unsigned id = (unsigned)cur_raw_uint(p, 2);
        const bool named = old || id >= 256;
        const uint8_t *const rest = p + (named ? 4 : 2);
        const unsigned name = named ? (unsigned)cur_raw_uint(p + 2, 2) : 0;
        const unsigned n = (unsigned)cur_raw_uint(rest + 2, 2);
        const uint8_t *const v = rest + 4 + name;

        if (i == 0) {
            *values = x->pline_addr + (uint64_t)(v - start);
            return x->pline_addr + (uint64_t)(p - start);
        }
        p = v + 4u * n + (old && n % 2 != 0 ? 4 : 0);
        if (x->pline.version == 3)
            p += 2 + cur_raw_uint(p, 2);
    }
}

/* What is wrong with a filter's parameters; `which` of them. NULL: nothing. */
static const char *
agree_filter(const struct check_header *x, const hi5_filter *f, unsigned *which)
{
    *which = 0;
    switch (f->id) {
    case FILTER_DEFLATE:
        return f->nvalues != 1 || f->values[0] > 9
                   ? "deflate without a level from 0 to 9"
                   : NULL;
    case FILTER_SHUFFLE:
        return x->type != NULL && f->nvalues >= 1 && f->values[0] != x->type->size
                   ? "shuffle does not work on elements of the dataset's size"
                   : NULL;
    case FILTER_FLETCHER32:
        return f->nvalues != 0 ? "fletcher32 has parameters" : NULL;
    case FILTER_SZIP:
        *which = 1;
        if (f->nvalues < 4 || f->values[1] < 2 || f->values[1] > 32 ||
            f->values[1] % 2 != 0)
            return "szip without a possible number of pixels in a block";
        *which = 2;
        return f->values[2] < 1 || f->values[2] > 64 ? "szip of impossible pixels"
                                                     : NULL;
    case FILTER_SCALEOFFSET:
        return f->nvalues < 8 ? "scaleoffset without its parameters" : NULL;
    case FILTER_NBIT:
        return f->nvalues < 3 ? "nbit without its parameters" : NULL;
    default:
        return NULL;
    }
}

/* NOTE(lib): a dataset without chunks may lack them: they are set with the first. */
HI5_INT void
check_bad_filter(struct check_header *x, hi5_severity severity)
{
    if (x->bad_filter != NULL && !x->bad_filter_said)
        check_report_as(x->k, "MS-056", severity, x->bad_filter_at,
                        "filter pipeline message", "client value", "%s", x->bad_filter);
    x->bad_filter_said = true;
}

static void
agree_pipeline(struct check_header *x)
{
    for (unsigned i = 0; x->has_pline && i < x->pline.n; i++) {
        const hi5_filter *const f = &x->pline.filter[i];
        const bool heavy =
            f->id == FILTER_SZIP || f->id == FILTER_SCALEOFFSET || f->id == FILTER_NBIT;
        unsigned which;
        const char *const wrong = agree_filter(x, f, &which);
        uint64_t values, at = agree_filter_at(x, i, &values);

        if (hi5_filter_known_name(f->id) == NULL)
            check_report(x->k, "MS-054", at, "filter pipeline message", "filter id",
                         "filter %u is not known", (unsigned)f->id);
        if (wrong != NULL && !heavy)
            check_report(x->k, "MS-055", values + 4 * which, "filter pipeline message",
                         "client value", "%s", wrong);
        if (wrong != NULL && heavy && x->bad_filter == NULL) {
            x->bad_filter = wrong;
            x->bad_filter_at = values + 4 * which;
        }
    }
}

static bool
agree_bytes(const struct check_header *x, uint64_t *bytes)
{
    const uint64_t n = hi5_shape_count(&x->space.shape);

    return n != UINT64_MAX && ckd_mul64(n, x->type->size, bytes);
}

static bool
agree_extendible(const hi5_shape *s)
{
    for (unsigned i = 0; i < s->rank; i++)
        if (s->max[i] != s->dims[i])
            return true;
    return false;
}

/* Data in one piece. */
static void
agree_plain(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    struct check *const k = x->k;
    uint64_t bytes;

    if (!agree_bytes(x, &bytes)) {
        check_report(k, "MS-006", x->at.dims, "dataspace message", "dimension",
                     "the elements have 2^64 bytes or more");
        return;
    }
    if (l->cls == HI5_COMPACT && l->size < bytes)
        check_report(k, "MS-048", x->at.layout_size, "data layout message", "size",
                     "%llu bytes, but the elements have %llu",
                     (unsigned long long)l->size, (unsigned long long)bytes);
    else if (l->cls == HI5_COMPACT && l->size != bytes)
        check_report_as(k, "MS-048", HI5_WARNING, x->at.layout_size,
                        "data layout message", "size",
                        "%llu bytes, but the elements have %llu",
                        (unsigned long long)l->size, (unsigned long long)bytes);
    /* NOTE(lib): where external data has grown, the size is what it was in the beginning. */
    if (l->cls == HI5_CONTIGUOUS && l->version >= 3 && l->size != bytes &&
        (l->addr != ADDR_NONE || l->size != 0) &&
        !(x->has_efl && agree_extendible(&x->space.shape)))
        check_report(k, "MS-047", x->at.layout_size, "data layout message", "size",
                     "%llu bytes, but the elements have %llu",
                     (unsigned long long)l->size, (unsigned long long)bytes);
    if (l->cls == HI5_CONTIGUOUS && l->addr != ADDR_NONE &&
        !ckd_inside(l->addr, bytes, k->meta->eof))
        check_report(k, "MS-050", x->at.layout, "data layout message", "address",
                     "%llu bytes from 0x%llx run past the end of the file",
                     (unsigned long long)bytes, (unsigned long long)l->addr);
    if (l->cls == HI5_CONTIGUOUS && l->addr != ADDR_NONE && bytes == 0)
        check_refused(k, 114, 0, x->at.layout, "data layout message", "address",
                      "there are no bytes");
    if (!x->has_efl && agree_extendible(&x->space.shape))
        check_report(k, "MS-049", x->at.max, "dataspace message", "maximum dimension",
                     "the dataset can grow, but its layout cannot");
}

/* MS-046: what libhdf5 chooses, and expects. */
static void
agree_index(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    const hi5_shape *const s = &x->space.shape;
    unsigned unlimited = 0;
    bool ok = true;

    for (unsigned i = 0; i < s->rank; i++)
        unlimited += s->max[i] == HI5_UNLIMITED;
    if (l->index == HI5_INDEX_FIXED_ARRAY || l->index == HI5_INDEX_IMPLICIT)
        ok = unlimited == 0;
    if (l->index == HI5_INDEX_EXTENSIBLE_ARRAY)
        ok = unlimited == 1;
    if (l->index == HI5_INDEX_BTREE2)
        ok = unlimited >= 2;
    if (l->index == HI5_INDEX_IMPLICIT && x->has_pline && x->pline.n != 0)
        ok = false;
    if (!ok)
        check_report(x->k, "MS-046", x->at.layout_index, "data layout message",
                     "index type", "index %u for %u unlimited dimensions%s",
                     (unsigned)l->index, unlimited,
                     x->has_pline && x->pline.n != 0 ? " and filters" : "");
    if (l->index == HI5_INDEX_SINGLE &&
        ((l->flags & 2) != 0) != (x->has_pline && x->pline.n != 0) &&
        l->addr != ADDR_NONE)
        check_report_as(
            x->k, "MS-043", HI5_WARNING, x->at.layout_flags, "data layout message",
            "flags", "the flag of a filtered single chunk does not suit the filters");
}

/* WORLD-02. NOTE(lib): 2.0 and 2.1 compute the width instead of reading it. */
static void
agree_width(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    unsigned width = 1;

    for (unsigned i = 0; i < l->ndims; i++)
        while (width < 8 && l->dim[i] >> 8 * width != 0)
            width++;
    if (l->enc_w != width)
        check_refused(x->k, 200, 200, x->at.chunk - 1, "data layout message",
                      "dimension width", "wider than the dimensions need");
}

static void
agree_chunked(struct check_header *x)
{
    const struct msg_layout *const l = &x->layout;
    const hi5_shape *const s = &x->space.shape;
    struct check *const k = x->k;

    if (l->ndims != s->rank + 1 || s->rank == 0) {
        check_report(k, "MS-040", x->layout_addr, "data layout message",
                     "dimensionality", "chunks of rank %d, but the dataspace has %u",
                     l->ndims - 1, s->rank);
        return;
    }
    if (l->dim[s->rank] != x->type->size)
        check_report(k, "MS-040", x->at.chunk_size, "data layout message",
                     "dataset element size", "%llu, but the datatype has %zu bytes",
                     (unsigned long long)l->dim[s->rank], x->type->size);
    for (unsigned i = 0; i < s->rank; i++)
        if (s->max[i] != HI5_UNLIMITED && l->dim[i] > s->max[i] && s->max[i] != 0)
            check_report_as(k, "MS-041", HI5_NOTE, x->at.chunk + i * x->at.chunk_w,
                            "data layout message", "chunk dimension",
                            "%llu, but dimension %u has at most %llu",
                            (unsigned long long)l->dim[i], i,
                            (unsigned long long)s->max[i]);
    if (l->version >= 4) {
        agree_width(x);
        agree_index(x);
    }
}

HI5_INT void
check_messages_agree(struct check_header *x)
{
    if (x->type != NULL)
        check_type(x, x->type, x->type_addr);
    agree_fill(x);
    agree_pipeline(x);
    if (x->kind != HI5_KIND_DATASET || !x->has_layout || !x->has_space ||
        x->type == NULL)
        return;
    if (x->layout.cls == HI5_CHUNKED)
        agree_chunked(x);
    else if (x->layout.cls != HI5_VIRTUAL)
        agree_plain(x);
    if (x->has_efl && (x->layout.cls != HI5_CONTIGUOUS || x->layout.addr != ADDR_NONE))
        check_report(x->k, "MS-037", x->at.layout, "data layout message", "address",
                     "external data, but the file has data, too");
}
