/*
 * fuzz_select.c - selections against a model: one bit for each element of a small shape
 *
 * The input is a shape and a list of steps: hyperslabs combined in every way, texts made
 * the way NumPy understands them, points, all and none. After each step the selection's
 * count, bounds, runs, blocks and points have to be the model's. Whatever is left of the
 * input is parsed as a text, for which only consistency is asked.
 */
#include <hi5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_RANK 3u
#define FUZZ_DIM 9u
#define FUZZ_ALL (FUZZ_DIM * FUZZ_DIM * FUZZ_DIM)
#define FUZZ_POINTS 5u
#define FUZZ_STEPS 12u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_model {
    const uint8_t *p; /* input */
    size_t left;
    hi5_shape shape;
    unsigned n; /* elements */
    bool set[FUZZ_ALL];
    uint64_t point[FUZZ_ALL]; /* row-major, in order; while `points` */
    unsigned npoints;
    bool points;
    hi5_selection *s;
    hi5_error err;
};

static unsigned
fuzz_byte(struct fuzz_model *f)
{
    if (f->left == 0)
        return 0;
    f->left--;
    return *f->p++;
}

static void
fuzz_stop(const struct fuzz_model *f, const char *what)
{
    fprintf(stderr, "rank %u [%llu %llu %llu]: %s\n", f->shape.rank,
            (unsigned long long)f->shape.dims[0], (unsigned long long)f->shape.dims[1],
            (unsigned long long)f->shape.dims[2], what);
    abort();
}

static void
fuzz_must(const struct fuzz_model *f, bool truth, const char *what)
{
    if (!truth)
        fuzz_stop(f, what);
}

/* The coordinates of an element. */
static void
fuzz_coord(const struct fuzz_model *f, uint64_t at, uint64_t *x)
{
    for (unsigned d = f->shape.rank; d-- > 0;) {
        x[d] = at % f->shape.dims[d];
        at /= f->shape.dims[d];
    }
}

/* ---- what the selection says ---- */

struct fuzz_seen {
    const struct fuzz_model *f;
    bool set[FUZZ_ALL];
    unsigned n;
    uint64_t next;
};

static hi5_status
fuzz_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    struct fuzz_seen *const seen = ctx;
    const struct fuzz_model *const f = seen->f;

    (void)err;
    fuzz_must(f, n > 0 && first < f->n && n <= f->n - first, "a run outside");
    for (uint64_t i = first; i < first + n; i++, seen->n++) {
        if (f->points)
            fuzz_must(f, seen->n < f->npoints && f->point[seen->n] == i,
                      "points out of order");
        else
            fuzz_must(f, f->set[i] && i >= seen->next, "a run that should not be");
        seen->next = i + 1;
    }
    return HI5_OK;
}

static hi5_status
fuzz_block(void *ctx, const uint64_t *low, const uint64_t *high, hi5_error *err)
{
    struct fuzz_seen *const seen = ctx;
    const struct fuzz_model *const f = seen->f;

    uint64_t first = 0, last = 0;

    (void)err;
    for (unsigned d = 0; d < f->shape.rank; d++) {
        fuzz_must(f, low[d] <= high[d] && high[d] < f->shape.dims[d], "a block outside");
        first = first * f->shape.dims[d] + low[d];
        last = last * f->shape.dims[d] + high[d];
    }
    for (uint64_t i = first; i <= last; i++) {
        uint64_t x[FUZZ_RANK];
        bool inside = true;

        fuzz_coord(f, i, x);
        for (unsigned d = 0; d < f->shape.rank; d++)
            inside = inside && x[d] >= low[d] && x[d] <= high[d];
        if (!inside)
            continue;
        fuzz_must(f, f->set[i] && !seen->set[i], "a block that should not be");
        seen->set[i] = true;
        seen->n++;
    }
    return HI5_OK;
}

static void
fuzz_compare_bounds(const struct fuzz_model *f, unsigned n)
{
    uint64_t low[HI5_MAX_RANK], high[HI5_MAX_RANK], x[FUZZ_RANK];
    uint64_t least[FUZZ_RANK] = {9, 9, 9}, most[FUZZ_RANK] = {0};

    fuzz_must(f, hi5_selection_bounds(f->s, low, high) == (n != 0), "bounds of nothing");
    for (unsigned i = 0; i < f->n; i++) {
        fuzz_coord(f, i, x);
        for (unsigned d = 0; f->set[i] && d < f->shape.rank; d++) {
            least[d] = x[d] < least[d] ? x[d] : least[d];
            most[d] = x[d] > most[d] ? x[d] : most[d];
        }
    }
    for (unsigned d = 0; n != 0 && d < f->shape.rank; d++)
        fuzz_must(f, low[d] == least[d] && high[d] == most[d], "wrong bounds");
}

static void
fuzz_compare(struct fuzz_model *f)
{
    struct fuzz_seen seen = {.f = f};
    unsigned n = 0;

    for (unsigned i = 0; i < f->n; i++)
        n += f->set[i];
    if (f->points)
        n = f->npoints;
    fuzz_must(f, hi5_selection_count(f->s) == n, "wrong count");
    fuzz_compare_bounds(f, n);
    fuzz_must(f, hi5_selection_each_run(f->s, fuzz_run, &seen, &f->err) == HI5_OK,
              "no runs");
    fuzz_must(f, seen.n == n, "runs are missing");
    if (hi5_selection_get_kind(f->s) == HI5_SELECTION_HYPERSLABS) {
        seen = (struct fuzz_seen){.f = f};
        fuzz_must(f, hi5_selection_each_block(f->s, fuzz_block, &seen, &f->err) == HI5_OK,
                  "no blocks");
        fuzz_must(f, seen.n == n, "blocks are missing");
        fuzz_must(f, hi5_selection_blocks(f->s) <= n, "too many blocks");
    }
}

/* ---- steps ---- */

static void
fuzz_combine(struct fuzz_model *f, hi5_select_op op, const bool *b)
{
    for (unsigned i = 0; i < f->n; i++) {
        const bool a = f->set[i];
        f->set[i] = op == HI5_SELECT_SET     ? b[i]
                    : op == HI5_SELECT_OR    ? a || b[i]
                    : op == HI5_SELECT_AND   ? a && b[i]
                    : op == HI5_SELECT_XOR   ? a != b[i]
                    : op == HI5_SELECT_NOT_B ? a && !b[i]
                                             : !a && b[i];
    }
    f->points = false;
}

static void
fuzz_hyperslab(struct fuzz_model *f)
{
    const hi5_select_op op = (hi5_select_op)(fuzz_byte(f) % 6);
    uint64_t start[FUZZ_RANK], stride[FUZZ_RANK], count[FUZZ_RANK], block[FUZZ_RANK];
    bool set[FUZZ_ALL], fits = true;
    hi5_status s;

    for (unsigned d = 0; d < f->shape.rank; d++) {
        start[d] = fuzz_byte(f) % FUZZ_DIM;
        block[d] = 1 + fuzz_byte(f) % 3;
        stride[d] = block[d] + fuzz_byte(f) % 3;
        count[d] = 1 + fuzz_byte(f) % 4;
        fits = fits &&
               start[d] + (count[d] - 1) * stride[d] + block[d] <= f->shape.dims[d];
    }
    if (!fits || f->points) /* selections may exceed the shape; the model cannot */
        return;
    s = hi5_selection_hyperslab(f->s, op, start, stride, count, block, &f->err);
    fuzz_must(f, s == HI5_OK, f->err.message);
    for (unsigned i = 0; i < f->n; i++) {
        uint64_t x[FUZZ_RANK];
        set[i] = true;
        fuzz_coord(f, i, x);
        for (unsigned d = 0; d < f->shape.rank; d++)
            set[i] = set[i] && x[d] >= start[d] && (x[d] - start[d]) % stride[d] < block[d] &&
                     (x[d] - start[d]) / stride[d] < count[d];
    }
    fuzz_combine(f, op, set);
}

static void
fuzz_points(struct fuzz_model *f)
{
    const unsigned n = 1 + fuzz_byte(f) % FUZZ_POINTS;
    uint64_t x[FUZZ_POINTS * FUZZ_RANK];
    const bool more = f->points && fuzz_byte(f) % 2 != 0;

    if (f->n == 0 || f->npoints + n > FUZZ_ALL)
        return;
    if (!more) {
        memset(f->set, 0, sizeof f->set);
        f->npoints = 0;
    }
    for (unsigned i = 0; i < n; i++) {
        const uint64_t at = (fuzz_byte(f) | fuzz_byte(f) << 8) % f->n;
        fuzz_coord(f, at, x + (size_t)i * f->shape.rank);
        f->set[at] = true;
        f->point[f->npoints++] = at;
    }
    f->points = true;
    fuzz_must(f,
              hi5_selection_points(f->s, more ? HI5_SELECT_OR : HI5_SELECT_SET, n, x,
                                   &f->err) == HI5_OK,
              f->err.message);
}

/* One dimension of a text, and what it selects. */
static bool
fuzz_item(struct fuzz_model *f, uint64_t dim, char *text, size_t size, bool *in)
{
    const int n = (int)dim, a = (int)(fuzz_byte(f) % 24) - 12;
    const int b = (int)(fuzz_byte(f) % 24) - 12, step = 1 + (int)(fuzz_byte(f) % 4);
    const unsigned how = fuzz_byte(f) % 6;
    int from = a < 0 ? a + n : a, to = b < 0 ? b + n : b;

    memset(in, 0, FUZZ_DIM);
    if (how == 0) {
        snprintf(text, size, "%d", a);
        if (from < 0 || from >= n)
            return false;
        in[from] = true;
        return true;
    }
    if (how == 1) {
        snprintf(text, size, "[%d, %d]", a, a + step);
        to = a + step < 0 ? a + step + n : a + step;
        if (from < 0 || from >= n || to < 0 || to >= n || to <= from)
            return false; /* lists ascend, wherever their indexes count from */
        in[from] = in[to] = true;
        return true;
    }
    from = from < 0 ? 0 : from;
    to = to < 0 ? 0 : to > n ? n : to;
    if (how == 2)
        snprintf(text, size, "%d:%d:%d", a, b, step);
    else if (how == 3)
        snprintf(text, size, " %d : %d", a, b);
    else if (how == 4)
        snprintf(text, size, "::%d", step);
    else
        snprintf(text, size, "%d:", a);
    from = how == 4 ? 0 : from;
    to = how >= 4 ? n : to;
    for (int i = from; i < to; i += how == 2 || how == 4 ? step : 1)
        in[i] = true;
    return true;
}

static void
fuzz_text(struct fuzz_model *f)
{
    const unsigned given = f->shape.rank - (fuzz_byte(f) % 4 == 0);
    char text[256] = "", item[64];
    bool in[FUZZ_RANK][FUZZ_DIM], set[FUZZ_ALL], legal = true;
    unsigned lists = 0;
    hi5_status s;

    memset(in, 1, sizeof in); /* what is not given: all */
    for (unsigned d = 0; d < given; d++) {
        legal = fuzz_item(f, f->shape.dims[d], item, sizeof item, in[d]) && legal;
        lists += item[0] == '[';
        legal = legal && lists <= 1; /* NumPy would pair them */
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", d ? "," : "",
                 item);
    }
    if (given < f->shape.rank)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s...",
                 given ? ", " : "");
    s = hi5_selection_parse(f->s, text, NULL, &f->err);
    if (!legal) {
        fuzz_must(f, s != HI5_OK, text);
        hi5_selection_none(f->s);
        memset(set, 0, sizeof set);
    } else {
        fuzz_must(f, s == HI5_OK, f->err.message);
        for (unsigned i = 0; i < f->n; i++) {
            uint64_t x[FUZZ_RANK];
            set[i] = true;
            fuzz_coord(f, i, x);
            for (unsigned d = 0; d < f->shape.rank; d++)
                set[i] = set[i] && in[d][x[d]];
        }
    }
    fuzz_combine(f, HI5_SELECT_SET, set);
}

static void
fuzz_step(struct fuzz_model *f)
{
    switch (fuzz_byte(f) % 8) {
    case 0:
        hi5_selection_all(f->s);
        memset(f->set, 1, sizeof f->set);
        f->points = false;
        break;
    case 1:
        hi5_selection_none(f->s);
        memset(f->set, 0, sizeof f->set);
        f->points = false;
        break;
    case 2:
        fuzz_points(f);
        break;
    case 3:
        fuzz_text(f);
        break;
    default:
        fuzz_hyperslab(f);
        break;
    }
    fuzz_compare(f);
}

/* Any text: an error, or a selection that agrees with itself. */
static hi5_status
fuzz_count_run(void *ctx, uint64_t first, uint64_t n, hi5_error *err)
{
    uint64_t *const sum = ctx;

    (void)first, (void)err;
    *sum += n;
    return HI5_OK;
}

static void
fuzz_any_text(struct fuzz_model *f)
{
    char *const text = malloc(f->left + 1);
    uint64_t sum = 0;

    if (text == NULL)
        abort();
    memcpy(text, f->p, f->left);
    text[f->left] = '\0';
    if (hi5_selection_parse(f->s, text, NULL, &f->err) == HI5_OK) {
        fuzz_must(f,
                  hi5_selection_each_run(f->s, fuzz_count_run, &sum, &f->err) == HI5_OK,
                  "no runs of a text");
        fuzz_must(f, sum == hi5_selection_count(f->s), "a text's runs");
    }
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_model f = {.p = data, .left = size};

    f.shape = (hi5_shape){.kind = HI5_SIMPLE, .rank = 1 + fuzz_byte(&f) % FUZZ_RANK};
    f.n = 1;
    for (unsigned d = 0; d < f.shape.rank; d++) {
        f.shape.dims[d] = f.shape.max[d] = 1 + fuzz_byte(&f) % FUZZ_DIM;
        f.n *= (unsigned)f.shape.dims[d];
    }
    if (hi5_selection_create(&f.shape, &f.s, &f.err) != HI5_OK)
        return 0;
    memset(f.set, 1, sizeof f.set);
    for (unsigned i = fuzz_byte(&f) % FUZZ_STEPS; i > 0; i--)
        fuzz_step(&f);
    fuzz_any_text(&f);
    hi5_selection_free(f.s);
    return 0;
}
