/* What generated code is written in. The meaning of each is that of `dmc.ir.evaluate`. */
#ifndef DMC_GENERATED_H
#define DMC_GENERATED_H

#include <stddef.h>

#include "model.h"

#define DMC_UNUSED __attribute__((unused))
/* Not inlined: what is rare, or long, is called, so that large models are compiled fast. */
#define DMC_CALLED __attribute__((unused, noinline))

#if defined(_WIN32)
#define DMC_EXPORT __declspec(dllexport)
#else
#define DMC_EXPORT __attribute__((visibility("default")))
#endif

/* The heads of functions of the types `dmc_expression` and `dmc_body`. */
#define EXPRESSION(name)                                                                                     \
    static int64_t name(DMC_UNUSED const dmc_cell *s, DMC_UNUSED const struct dmc_thread *t)
#define BODY(name)                                                                                           \
    static uint32_t name(DMC_UNUSED dmc_cell *s, DMC_UNUSED const struct dmc_thread *t,                      \
                         DMC_UNUSED struct dmc_effects *e)

/* A cell as a number of 64 bits. */
#define S(cell) ((int64_t)s[cell])

/* The line of the first broken promise; only a checked build looks. */
static DMC_UNUSED uint32_t dmc_broken;

#ifdef DMC_CHECKED
static DMC_UNUSED int64_t dmc_promise(int holds, int64_t value, uint32_t line)
{
    if (!holds && !dmc_broken)
        dmc_broken = line;
    return holds ? value : 0;
}
#define WITHIN(i, n) __extension__({ int64_t i_ = (i); dmc_promise(i_ >= 0 && i_ < (n), i_, __LINE__); })
#define FITS(v, low, high, unset)                                                                            \
    __extension__({                                                                                          \
        int64_t v_ = (v);                                                                                    \
        dmc_promise((v_ >= (low) && v_ <= (high)) || ((unset) && v_ == DMC_UNSET), v_, __LINE__);            \
    })
#define LIVE(base, stride, kind, r)                                                                          \
    __extension__({                                                                                          \
        int64_t r_ = (r);                                                                                    \
        int64_t k_ = dmc_kind_of(s, r_, base, stride);                                                       \
        dmc_promise(k_ > DMC_DEAD && ((kind) == 0 || k_ == (kind)), r_, __LINE__);                           \
    })
#else
#define WITHIN(i, n) (i)
#define FITS(v, low, high, unset) (v)
#define LIVE(base, stride, kind, r) (r)
#endif

static inline DMC_UNUSED int64_t dmc_quotient(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline DMC_UNUSED int64_t dmc_remainder(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

static inline DMC_UNUSED int64_t dmc_left(int64_t a, int64_t b)
{
    return b >= 0 && b < 64 ? (int64_t)((uint64_t)a << b) : 0;
}

static inline DMC_UNUSED int64_t dmc_right(int64_t a, int64_t b)
{
    return b >= 0 && b < 64 ? a >> b : 0;
}

/* A cell of the object, 0 if there is none. */
static inline DMC_UNUSED int64_t dmc_field(const dmc_cell *s, int64_t r, int32_t base, int32_t stride)
{
    return r > 0 ? s[base + stride * r] : 0;
}

static inline DMC_UNUSED int64_t dmc_kind_of(const dmc_cell *s, int64_t r, int32_t base, int32_t stride)
{
    return r > 0 ? s[base + stride * r] : DMC_FREE;
}

/* The lowest free slot, 0 if there is none. */
static DMC_CALLED int64_t dmc_free_slot(const dmc_cell *s, int32_t base, int32_t stride, int32_t size)
{
    for (int32_t r = 1; r <= size; r++)
        if (s[base + stride * r] == DMC_FREE)
            return r;
    return 0;
}

static inline DMC_UNUSED int dmc_in(const uint64_t *set, int64_t point)
{
    return (int)(set[point >> 6] >> (point & 63) & 1);
}

/* The object becomes a tombstone. */
static DMC_CALLED void dmc_kill(dmc_cell *slot, uint32_t cells)
{
    slot[0] = DMC_DEAD;
    for (uint32_t i = 1; i < cells; i++)
        slot[i] = 0;
}

static DMC_CALLED void dmc_push(dmc_cell *list, dmc_cell value, dmc_cell capacity, uint32_t line)
{
    if (list[0] >= capacity) {
        dmc_broken = line;
        return;
    }
    list[0] += 1;
    list[list[0]] = value;
}

/* The items after the one at the position move up. */
static DMC_CALLED void dmc_remove(dmc_cell *list, int64_t position, uint32_t line)
{
    if (position < 0 || position >= list[0]) {
        dmc_broken = line;
        return;
    }
    for (int64_t i = position + 1; i < list[0]; i++)
        list[i] = list[i + 1];
    list[list[0]] = 0;
    list[0] -= 1;
}

static DMC_CALLED void dmc_tell(struct dmc_effects *e, int64_t item)
{
    e->items[e->count++] = item;
}

/* What was covered before needs not be told again. */
static inline DMC_UNUSED void dmc_cover(struct dmc_effects *e, uint32_t cover, uint32_t site)
{
    if (!e->covered[cover])
        dmc_tell(e, site);
}

#endif
