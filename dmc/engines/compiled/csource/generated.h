/* What generated code is written in. The meaning of each is that of `dmc.ir.evaluate`. */
#ifndef DMC_GENERATED_H
#define DMC_GENERATED_H

#include "model.h"

#if defined(__GNUC__)
#define DMC_UNUSED __attribute__((unused))
#else
#define DMC_UNUSED
#endif

typedef const struct dmc_thread *dmc_self;

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
static inline DMC_UNUSED int64_t dmc_free_slot(const dmc_cell *s, int32_t base, int32_t stride, int32_t size)
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

static inline DMC_UNUSED void dmc_clear(dmc_cell *from, uint32_t cells)
{
    for (uint32_t i = 0; i < cells; i++)
        from[i] = 0;
}

static inline DMC_UNUSED void dmc_push(dmc_cell *list, int64_t value)
{
    list[0] += 1;
    list[list[0]] = (dmc_cell)value;
}

static inline DMC_UNUSED void dmc_remove(dmc_cell *list, int64_t position)
{
    for (int64_t i = position + 1; i < list[0]; i++)
        list[i] = list[i + 1];
    list[list[0]] = 0;
    list[0] -= 1;
}

static inline DMC_UNUSED void dmc_tell(struct dmc_effects *e, int64_t item)
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
