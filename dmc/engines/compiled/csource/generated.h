/* What generated code is written in. The meaning of each is that of `dmc.ir.evaluate`.
 *
 * The generated file has said before how many words a state has, in DMC_WORDS. Its tables `at` and `fields` say
 * where each cell lies: a place that is known when it is compiled costs a shift and a mask. */
#ifndef DMC_GENERATED_H
#define DMC_GENERATED_H

#include <stddef.h>

#include "model.h"

#define DMC_UNUSED __attribute__((unused))
/* Not inlined: what is rare, or long, is called, so that large models are compiled fast. */
#define DMC_CALLED __attribute__((unused, noinline))
#define DMC_INLINE static inline __attribute__((unused, always_inline))

#if defined(_WIN32)
#define DMC_EXPORT __declspec(dllexport)
#else
#define DMC_EXPORT __attribute__((visibility("default")))
#endif

/* In a model that is not large, each thread has a copy of its steps in which its cells are known. */
#ifdef DMC_EACH_THREAD
#define DMC_PART DMC_INLINE
#else
#define DMC_PART static DMC_UNUSED
#endif

/* The heads of functions: of the type `dmc_expression`; a step's body; all steps of a type's threads. */
#define EXPRESSION(name)                                                                                     \
    static DMC_UNUSED int64_t name(DMC_UNUSED const uint64_t *s, DMC_UNUSED const struct dmc_thread *t)
#define GUARD(name)                                                                                          \
    DMC_PART int64_t name(DMC_UNUSED const uint64_t *s, DMC_UNUSED const struct dmc_thread *t)
#define BODY(name)                                                                                           \
    DMC_PART uint32_t name(DMC_UNUSED uint64_t *s, DMC_UNUSED const struct dmc_thread *t,                    \
                           DMC_UNUSED struct dmc_effects *e)
#define STEPS(name)                                                                                          \
    DMC_PART void name(DMC_UNUSED const uint64_t *s, DMC_UNUSED const struct dmc_thread *t,                  \
                       DMC_UNUSED struct dmc_batch *b)
#define THREAD(name, number, steps)                                                                          \
    static void name(const uint64_t *s, DMC_UNUSED const struct dmc_thread *t, struct dmc_batch *b)          \
    {                                                                                                        \
        steps(s, &threads[number], b);                                                                       \
    }

/* A step from the point of the `case`: taken always, or if its guard holds. */
#define STEP_ALWAYS(number, body)                                                                                 \
    do {                                                                                                     \
        uint32_t first_ = b->effects.count;                                                                  \
        dmc_take(b, t, number, first_, body(dmc_after(b, s), t, &b->effects));                               \
    } while (0)
#define STEP(guard, number, body)                                                                              \
    do {                                                                                                     \
        if (guard(s, t))                                                                                     \
            STEP_ALWAYS(number, body);                                                                            \
    } while (0)

/* A cell as a number of 64 bits: of the width of the mask; with values from `low`; or with DMC_UNSET, too. */
#define GET(cell, mask) ((int64_t)dmc_bits(s, at[cell], mask))
#define GET_FROM(low, cell, mask) (GET(cell, mask) + (low))
#define GET_OR_UNSET(unset, low, cell, mask) dmc_value(dmc_bits(s, at[cell], mask), unset, low)
#define PUT(cell, mask, code) dmc_put_bits(s, at[cell], mask, (uint64_t)(code))

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
#define LIVE(base, stride, kind, mask, r)                                                                    \
    __extension__({                                                                                          \
        int64_t r_ = (r);                                                                                    \
        int64_t k_ = r_ > 0 ? GET((base) + (stride) * r_, mask) : DMC_FREE;                                  \
        dmc_promise(k_ > DMC_DEAD && ((kind) == 0 || k_ == (kind)), r_, __LINE__);                           \
    })
#else
#define WITHIN(i, n) (i)
#define FITS(v, low, high, unset) (v)
#define LIVE(base, stride, kind, mask, r) (r)
#endif

/* The state of the next event: a copy of the one that is left. */
DMC_INLINE uint64_t *dmc_after(const struct dmc_batch *b, const uint64_t *s)
{
    uint64_t *after = b->state + (size_t)b->events * DMC_WORDS;

    for (int i = 0; i < DMC_WORDS; i++)
        after[i] = s[i];
    return after;
}

/* The step has been taken, with its effects from the first on. */
DMC_INLINE void dmc_take(struct dmc_batch *b, const struct dmc_thread *t, uint32_t step, uint32_t first_effect,
                         uint32_t outcome)
{
    struct dmc_event *event = &b->event[b->events++];

    event->thread = t->number;
    event->step = step;
    event->outcome = outcome;
    event->first_effect = first_effect;
    event->effects = b->effects.count - first_effect;
}

DMC_INLINE int64_t dmc_value(uint64_t code, uint64_t unset, int64_t low)
{
    return code == unset ? DMC_UNSET : (int64_t)code + low;
}

DMC_INLINE uint64_t dmc_code(int64_t value, uint64_t unset, int64_t low)
{
    return value == DMC_UNSET ? unset : (uint64_t)(value - low);
}

/* A cell of the object, 0 if there is none; those of the objects lie `stride` cells apart. */
DMC_INLINE int64_t dmc_of_object(const uint64_t *s, const uint32_t *first, int64_t r, int32_t stride,
                                 uint64_t unset, int64_t low, uint64_t mask)
{
    return r > 0 ? dmc_value(dmc_bits(s, first[stride * (r - 1)], mask), unset, low) : 0;
}

DMC_INLINE int64_t dmc_quotient(int64_t a, int64_t b)
{
    return b == 0 ? 0 : b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

DMC_INLINE int64_t dmc_remainder(int64_t a, int64_t b)
{
    return b == 0 || b == -1 ? 0 : a % b;
}

DMC_INLINE int64_t dmc_left(int64_t a, int64_t b)
{
    return b >= 0 && b < 64 ? (int64_t)((uint64_t)a << b) : 0;
}

DMC_INLINE int64_t dmc_right(int64_t a, int64_t b)
{
    return b >= 0 && b < 64 ? a >> b : 0;
}

/* The lowest free slot, 0 if there is none; the kinds of slots lie `stride` cells apart. */
static DMC_CALLED int64_t dmc_free_slot(const uint64_t *s, const uint32_t *kinds, int32_t stride, uint64_t mask,
                                        int32_t size)
{
    for (int32_t r = 1; r <= size; r++)
        if (dmc_bits(s, kinds[stride * (r - 1)], mask) == DMC_FREE)
            return r;
    return 0;
}

DMC_INLINE int dmc_in(const uint64_t *set, int64_t point)
{
    return (int)(set[point >> 6] >> (point & 63) & 1);
}

/* The object with these cells becomes a tombstone. */
static DMC_CALLED void dmc_kill(uint64_t *s, const struct dmc_field *slot, uint32_t cells)
{
    dmc_put(&slot[0], s, DMC_DEAD);
    for (uint32_t i = 1; i < cells; i++)
        dmc_put(&slot[i], s, 0);
}

/* A list: its length, and behind it so many items as it has room for. */
static DMC_CALLED void dmc_push(uint64_t *s, const struct dmc_field *list, dmc_cell value, uint32_t capacity,
                                uint32_t line)
{
    uint64_t length = dmc_bits(s, list->at, list->mask);

    if (length >= capacity) {
        dmc_broken = line;
        return;
    }
    dmc_put_bits(s, list->at, list->mask, length + 1);
    dmc_put(&list[length + 1], s, value);
}

/* The items after the one at the position move up. */
static DMC_CALLED void dmc_remove(uint64_t *s, const struct dmc_field *list, int64_t position, uint32_t line)
{
    uint64_t length = dmc_bits(s, list->at, list->mask);

    if (position < 0 || position >= (int64_t)length) {
        dmc_broken = line;
        return;
    }
    for (uint64_t i = (uint64_t)position + 1; i < length; i++)
        dmc_put_bits(s, list[i].at, list[i].mask, dmc_bits(s, list[i + 1].at, list[i + 1].mask));
    dmc_put(&list[length], s, 0);
    dmc_put_bits(s, list->at, list->mask, length - 1);
}

static DMC_CALLED void dmc_tell(struct dmc_effects *e, int64_t item)
{
    e->items[e->count++] = item;
}

/* Whether some of the covers, as bits of a word, have not been told yet. */
DMC_INLINE int dmc_uncovered(const struct dmc_effects *e, uint32_t word, uint64_t covers)
{
    return (~e->covered[word] & covers) != 0;
}

#endif
