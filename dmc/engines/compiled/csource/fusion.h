/* The watch over what the reduction `fusion` relies on: see `dmc.engines.reference.fusion`. */
#ifndef DMC_FUSION_H
#define DMC_FUSION_H

#include "heap.h"
#include "search.h"

#define DMC_PROTECTED UINT32_MAX

/* The number of objects of a pool through the transactions of a search. */
struct dmc_pool_watch {
    uint32_t pool;
    int64_t before;
    int64_t *at_test, *slack, *low, *high; /* by thread number */
};

struct dmc_fusion {
    const struct dmc_model *model;
    const struct dmc_plan *plan;
    struct dmc_heap *heap;
    uint64_t *held; /* by location: the protections that have held at every access */
    uint8_t *known; /* by location */
    uint8_t *ending; /* by point */
    struct dmc_pool_watch *pool;
};

int dmc_fusion_open(struct dmc_fusion *f, const struct dmc_model *model, const struct dmc_plan *plan,
                    struct dmc_heap *heap);
void dmc_fusion_close(struct dmc_fusion *f);

/* Transactions begin in the state. */
void dmc_fusion_begin(struct dmc_fusion *f, const uint64_t *s);

/* Each of these returns DMC_PROTECTED, or what is not protected. */
uint32_t dmc_fusion_witness(struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                            const struct dmc_step *step);
uint32_t dmc_fusion_taken(struct dmc_fusion *f, const uint64_t *s, const struct dmc_thread *t,
                          const struct dmc_step *step, const uint64_t *after);
uint32_t dmc_fusion_watch(struct dmc_fusion *f, const uint64_t *s);

#endif
