/*
 * type.c - a datatype as one string
 */
#include "truth.h"

#include <stdio.h>

bool
has_parts_elsewhere(const hi5_type *type)
{
    return hi5_type_has_vlen(type) || hi5_type_has_reference(type);
}

static void
add_name(struct text *t, const char *name)
{
    text_add(t, "\"");
    for (; *name != '\0'; name++)
        text_add(t, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
    text_add(t, "\"");
}

static const char *
string_form(const hi5_type_info *i, char buf[64])
{
    static const char *const pads[] = {"nullterm", "nullpad", "spacepad"};
    static const char *const sets[] = {"ascii", "utf8"};

    snprintf(buf, 64, "%s,%s", (unsigned)i->charset < 2 ? sets[i->charset] : "?",
             (unsigned)i->string_pad < 3 ? pads[i->string_pad] : "?");
    return buf;
}

static bool
is_ieee(const hi5_type_info *i)
{
    static const struct {
        unsigned size, exp, man, bias;
    } forms[] = {
        {2, 5, 10, 15}, {4, 8, 23, 127}, {8, 11, 52, 1023}, {16, 15, 112, 16383}};

    if (i->precision != 8 * i->size || i->offset != 0 || i->norm != HI5_NORM_IMPLIED ||
        i->sign_pos != 8 * i->size - 1 || i->man_pos != 0 ||
        i->exp_pos != i->man_size || i->lsb_pad != 0 || i->msb_pad != 0 ||
        i->inner_pad != 0)
        return false;
    for (size_t k = 0; k < sizeof(forms) / sizeof(*forms); k++)
        if (i->size == forms[k].size)
            return i->exp_size == forms[k].exp && i->man_size == forms[k].man &&
                   i->exp_bias == forms[k].bias;
    return false;
}

static void
add_number_type(struct text *t, const hi5_type_info *i)
{
    static const char *const norms[] = {"none", "msbset", "implied"};
    const char letter = i->cls == HI5_BITFIELD ? 'b'
                        : i->cls == HI5_TIME   ? 't'
                        : i->cls == HI5_FLOAT  ? 'f'
                        : i->is_signed         ? 'i'
                                               : 'u';

    text_add(t, "%c%c%zu",
             i->order == HI5_LE   ? '<'
             : i->order == HI5_BE ? '>'
                                  : 'v',
             letter, i->size);
    if (i->cls == HI5_FLOAT && !is_ieee(i))
        text_add(t,
                 "(prec=%u,off=%u,sign=%u,exp=%u:%u,bias=%" PRIu32
                 ",man=%u:%u,norm=%s,pad=%d/%d/%d)",
                 i->precision, i->offset, i->sign_pos, i->exp_pos, i->exp_size,
                 i->exp_bias, i->man_pos, i->man_size,
                 (unsigned)i->norm < 3 ? norms[i->norm] : "?", (int)i->lsb_pad,
                 (int)i->msb_pad, (int)i->inner_pad);
    else if (i->cls == HI5_TIME && i->precision != 8 * i->size)
        text_add(t, "(prec=%u)", i->precision);
    else if (i->cls != HI5_FLOAT && i->cls != HI5_TIME &&
             (i->precision != 8 * i->size || i->offset != 0))
        text_add(t, "(prec=%u,off=%u,pad=%d/%d)", i->precision, i->offset,
                 (int)i->lsb_pad, (int)i->msb_pad);
}

/* The value of an enum member, in decimal. */
static void
add_enum_value(struct text *t, const hi5_type_info *base, const unsigned char *v)
{
    uint64_t u = 0;

    if (base->size == 0 || base->size > 8) {
        text_add(t, "?");
        return;
    }
    for (size_t k = 0; k < base->size; k++)
        u = u << 8 | v[base->order == HI5_BE ? k : base->size - 1 - k];
    if (!base->is_signed) {
        text_add(t, "%" PRIu64, u);
        return;
    }
    if (base->size < 8 && (u >> (8 * base->size - 1) & 1))
        u |= UINT64_MAX << (8 * base->size);
    if (u >> 63)
        text_add(t, "-%" PRIu64, 0 - u);
    else
        text_add(t, "%" PRIu64, u);
}

static void
add_enum(struct text *t, const hi5_type *type, const hi5_type_info *i)
{
    hi5_type_info base;
    const char *name;
    const void *value;

    hi5_type_get_info(i->base, &base);
    text_add(t, "enum<");
    add_type(t, i->base);
    text_add(t, ";");
    for (unsigned k = 0; hi5_type_enum_member(type, k, &name, &value); k++) {
        text_add(t, k ? "," : "");
        add_name(t, name);
        text_add(t, "=");
        add_enum_value(t, &base, value);
    }
    text_add(t, ">");
}

/* Offsets are shown where they tell something: not packed, all parts in place. */
static void
add_compound(struct text *t, const hi5_type *type, const hi5_type_info *i)
{
    bool offsets = false;
    size_t end = 0;
    hi5_member m;

    for (unsigned k = 0; hi5_type_member(type, k, &m); k++) {
        offsets = offsets || m.offset != end;
        end += hi5_type_size(m.type);
    }
    offsets = (offsets || end != i->size) && !has_parts_elsewhere(type);
    text_add(t, "{");
    for (unsigned k = 0; hi5_type_member(type, k, &m); k++) {
        text_add(t, k ? "," : "");
        add_name(t, m.name);
        text_add(t, ":");
        add_type(t, m.type);
        if (offsets)
            text_add(t, "@%zu", m.offset);
    }
    text_add(t, "}");
    if (offsets)
        text_add(t, "/%zu", i->size);
}

static void
add_array(struct text *t, const hi5_type_info *i)
{
    text_add(t, "array<[");
    for (unsigned k = 0; k < i->rank; k++)
        text_add(t, "%s%" PRIu32, k ? "," : "", i->dims[k]);
    text_add(t, "],");
    add_type(t, i->base);
    text_add(t, ">");
}

void
add_type(struct text *t, const hi5_type *type)
{
    char buf[64];
    hi5_type_info i;

    hi5_type_get_info(type, &i);
    switch (i.cls) {
    case HI5_INTEGER:
    case HI5_FLOAT:
    case HI5_TIME:
    case HI5_BITFIELD:
        add_number_type(t, &i);
        break;
    case HI5_STRING:
        text_add(t, "str<%zu,%s>", i.size, string_form(&i, buf));
        break;
    case HI5_OPAQUE:
        text_add(t, "opaque<%zu,", i.size);
        add_name(t, i.tag != NULL ? i.tag : "");
        text_add(t, ">");
        break;
    case HI5_COMPOUND:
        add_compound(t, type, &i);
        break;
    case HI5_REFERENCE:
        text_add(t, "ref<%s>",
                 i.ref_kind == HI5_REF_OBJECT   ? "obj"
                 : i.ref_kind == HI5_REF_REGION ? "region"
                                                : "std");
        break;
    case HI5_ENUM:
        add_enum(t, type, &i);
        break;
    case HI5_VLEN:
        if (i.is_vlen_string) {
            text_add(t, "vlen<str,%s>", string_form(&i, buf));
            break;
        }
        text_add(t, "vlen<");
        add_type(t, i.base);
        text_add(t, ">");
        break;
    case HI5_ARRAY:
        add_array(t, &i);
        break;
    case HI5_COMPLEX:
    default:
        text_add(t, "class%d<%zu>", (int)i.cls, i.size);
    }
}

void
put_type(const struct walk *w, struct text *out, const hi5_type *type, uint64_t file)
{
    const uint64_t committed = hi5_type_committed(type);
    struct text t = {0};

    add_type(&t, type);
    text_add(out, ",\"dtype\":");
    text_add_json(out, t.s);
    text_free(&t);
    if (committed != HI5_NO_ADDRESS) {
        const long r = find_object(w, file, committed);

        text_add(out, ",\"committed\":");
        text_add_json(out, r == NOT_FOUND ? "?" : w->records[r].path);
    }
}
