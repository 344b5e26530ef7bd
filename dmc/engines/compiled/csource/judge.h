/* What is kept of a search beside the states: findings, relations, covers, counts. */
#ifndef DMC_JUDGE_H
#define DMC_JUDGE_H

#include "expand.h"

struct dmc_judge {
    const struct dmc_model *model;
    const struct dmc_expander *expander; /* whose nodes events refer to */
    struct dmc_finding *finding;         /* by property */
    uint64_t *covered;                   /* by cover, as bits */
    uint64_t *outcomes;                  /* by outcome: how many runs ended so */
    uint64_t *visits;                    /* by point: how many times a thread stands there */
    struct dmc_pair *pair;
    uint64_t pairs, pair_room;
    uint32_t *pair_slot; /* open addressing: 1 + the number of a pair */
    uint64_t pair_slots;
};

int dmc_judge_open(struct dmc_judge *j, const struct dmc_expander *x);
void dmc_judge_close(struct dmc_judge *j);

/* What an event did, beside the state that it leads to; 0 if there is no memory. */
int dmc_judge_event(struct dmc_judge *j, const struct dmc_event *event);

/* What can be seen of the event's state; `is_end` is set if the system may stand still there. */
int dmc_judge_state(struct dmc_judge *j, const struct dmc_event *event, const uint64_t *s, int *is_end);

/* Count where the threads of a new state stand. */
void dmc_judge_visit(struct dmc_judge *j, const uint64_t *s);

#endif
