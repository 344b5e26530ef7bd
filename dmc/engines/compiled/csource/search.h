/* The interface of the search. No types of the C library; every structure is plain numbers and pointers.
 *
 * A handle is used by one thread at a time. All pointers that are handed out live until `dmc_close`. */
#ifndef DMC_SEARCH_H
#define DMC_SEARCH_H

#include "model.h"

#define DMC_SEARCH_VERSION 3u

#if defined(_WIN32)
#define DMC_API __declspec(dllexport)
#else
#define DMC_API __attribute__((visibility("default")))
#endif

struct dmc_search;

/* Thread (from 1) and alternative (index among the steps of its type). */
struct dmc_choice {
    uint32_t thread;
    uint32_t alternative;
};

struct dmc_race {
    struct dmc_choice first, second;
    uint32_t location;
};

/* Which points are fused, and what has to be watched for that; by `dmc.engines.reference.scheduling`. */
struct dmc_plan {
    const uint8_t *fused;    /* by point */
    const uint8_t *ignored;  /* by location: known to be unprotected, or only accessed atomically */
    const uint64_t *tails;   /* by point: `tail_words` words of bits, by location */
    uint32_t tail_words;
    uint32_t watched_pools;
    const uint32_t *watched_pool;
};

/* All bits set: no limit. */
struct dmc_options {
    uint32_t version;
    uint32_t renumber; /* objects, so that states that differ by their numbers are one */
    uint32_t graph;    /* keep the edges, look for hangs at the end, and judge obligations */
    uint32_t depth;
    uint64_t states;
    uint64_t bytes;
    const struct dmc_plan *plan; /* NULL: no fusion */
};

enum dmc_status {
    DMC_RUNNING = 0,
    DMC_COMPLETE = 1,
    DMC_LIMIT_STATES = 2,
    DMC_LIMIT_DEPTH = 3,
    DMC_LIMIT_MEMORY = 4,
    DMC_UNPROTECTED = 5, /* `unprotected` says which: a location, or `locations` + a pool */
    DMC_NO_MEMORY = 6,
    DMC_BROKEN = 7,      /* a promise of the model: `broken` is the line of the generated code */
    DMC_INTERRUPTED = 8
};

struct dmc_statistics {
    uint64_t states, transitions, depth, level, ends, edges, bytes;
    uint64_t hanging; /* the nearest state that hangs; all bits set: none */
    uint64_t component;
    uint32_t deadlock, broken, unprotected, pairs;
};

/* The first violation of a property: at the end of the choices from a state. */
struct dmc_finding {
    uint32_t found;
    uint32_t source;
    uint32_t choices;
    uint32_t outcome; /* 0, or 1 + its number */
    uint32_t site;    /* 0, or 1 + that of the statement; its values follow */
    uint32_t values;
    uint32_t raced;
    struct dmc_race race;
    struct dmc_choice *choice;
    int64_t *value;
};

/* A pair of a relation, and where it was first collected. */
struct dmc_pair {
    uint32_t relation;
    uint32_t source;
    uint32_t choices;
    int64_t from, to;
    struct dmc_choice *choice;
};

/* The nearest state (all bits set: none) that violates an obligation, and where runs from it stay for ever
 * unless others make a step. `tested`: it held somewhere. */
struct dmc_missed {
    uint64_t state, components;
    uint32_t *component;
    uint32_t deadlock, tested;
};

DMC_API uint32_t dmc_search_version(void);
DMC_API struct dmc_search *dmc_open(const struct dmc_model *model, const struct dmc_options *options);
DMC_API void dmc_close(struct dmc_search *search);

/* Go on, for about `budget` units of work (states taken up, mostly); a status. */
DMC_API uint32_t dmc_step(struct dmc_search *search, uint64_t budget);

/* Make `dmc_step` return as soon as it can; safe at any time. */
DMC_API void dmc_interrupt(struct dmc_search *search);

DMC_API void dmc_get_statistics(const struct dmc_search *search, struct dmc_statistics *out);
DMC_API const struct dmc_finding *dmc_get_finding(const struct dmc_search *search, uint32_t property);
DMC_API const struct dmc_pair *dmc_get_pair(const struct dmc_search *search, uint32_t number);
/* By the number of a cover, as bits. */
DMC_API const uint64_t *dmc_get_covered(const struct dmc_search *search);
DMC_API const uint64_t *dmc_get_outcomes(const struct dmc_search *search);
DMC_API const uint64_t *dmc_get_visits(const struct dmc_search *search);
DMC_API const uint32_t *dmc_get_component(const struct dmc_search *search);
DMC_API const struct dmc_missed *dmc_get_missed(const struct dmc_search *search, uint32_t obligation);

/* The cells of a state. */
DMC_API void dmc_get_state(const struct dmc_search *search, uint32_t number, dmc_cell *cells);

/* The steps from an initial state (its number goes to `initial`) to a state: at most `room` of them are
 * written. Returns how many there are; all bits set if there is no memory. */
DMC_API uint64_t dmc_get_path(struct dmc_search *search, uint32_t number, struct dmc_choice *choices,
                              uint64_t room, uint32_t *initial);

#endif
