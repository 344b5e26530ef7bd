/* Which objects a state still has: mark from the roots, reset what was not reached, renumber. */
#ifndef DMC_HEAP_H
#define DMC_HEAP_H

#include "model.h"

struct dmc_heap {
    const struct dmc_model *model;
    uint32_t slots;        /* over all pools */
    uint32_t *first_slot;  /* by pool: the number of its slot 1 */
    uint32_t *pool_of;     /* by slot */
    uint32_t *cell;        /* by slot: that of its kind */
    const struct dmc_kind **kinds; /* by slot: those of its pool, from the one that is number 2 */
    uint32_t *reached;     /* slots in the order of the walk */
    uint32_t *place;       /* by slot: 0 if not reached, else its new number in its pool, from 1 */
    uint32_t *taken;       /* by pool: how many are reached */
    uint64_t *before;      /* a copy to renumber from */
};

int dmc_heap_open(struct dmc_heap *heap, const struct dmc_model *model);
void dmc_heap_close(struct dmc_heap *heap);

/* Collect the state in place; which claims the loss of owned objects violates. */
uint32_t dmc_heap_collect(struct dmc_heap *heap, uint64_t *s, int renumber);

/* Whether the object can be reached from roots outside of the thread's registers. */
int dmc_heap_shared(struct dmc_heap *heap, const uint64_t *s, const struct dmc_thread *t, uint32_t pool,
                    int64_t reference);

/* The number of slots in use. */
uint32_t dmc_heap_used(const struct dmc_model *model, const uint64_t *s, uint32_t pool);

#endif
