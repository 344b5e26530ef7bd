/* What the search knows of a model: tables, and functions over an unpacked state.
 *
 * A state is an array of cells in the order of `dmc.ir.layout`. Everything here is written by
 * `dmc.engines.compiled.emitter`; the search never looks into a model in any other way. */
#ifndef DMC_MODEL_H
#define DMC_MODEL_H

#include <stdint.h>

#define DMC_MODEL_VERSION 3u

typedef int32_t dmc_cell;

/* The value of a cell that has not been given one. */
#define DMC_UNSET INT32_MIN
/* Kinds of a pool slot; kinds of objects follow. */
#define DMC_FREE 0
#define DMC_DEAD 1

struct dmc_thread {
    uint32_t number;    /* from 1, over all threads */
    uint32_t instance;  /* from 0, among those of its type */
    uint32_t base;      /* the cell of its point; its registers follow */
    uint32_t registers; /* how many */
};

/* What a body reports beside the new state: a sequence of a site and the site's values. */
struct dmc_effects {
    const uint8_t *covered; /* by cover number: already known, need not be told again */
    int64_t *items;
    uint32_t count;
};

/* `t` is not looked at by conditions that speak for no thread. */
typedef int64_t dmc_expression(const dmc_cell *s, const struct dmc_thread *t);
/* 0, or 1 + the number of the outcome that ends the run. */
typedef uint32_t dmc_body(dmc_cell *s, const struct dmc_thread *t, struct dmc_effects *e);

enum dmc_site_kind { DMC_VIOLATES = 1, DMC_COLLECTS = 2, DMC_COVERS = 3 };

/* A statement that reports: the number of a property, a relation or a cover, and how many values. */
struct dmc_site {
    uint32_t kind;
    uint32_t target;
    uint32_t values;
};

/* An access changes its object if it writes or frees it; RACES marks those that can take part in a race. */
enum dmc_access_flags {
    DMC_WRITES = 1,
    DMC_ATOMIC = 2,
    DMC_IS_OBJECT = 4,
    DMC_RACES = 8,
    DMC_CHANGES = 16,
    DMC_LIFETIME = 32
};

struct dmc_access {
    dmc_expression *object;
    uint32_t location;
    uint32_t flags;
    uint32_t pool; /* of the object, if it is one */
    uint32_t first_protection;
    uint32_t protections;
};

/* A named condition, one of which must hold at every access to a location. */
struct dmc_protection {
    uint32_t name; /* its number among those of the location */
    dmc_expression *holds;
};

enum dmc_step_flags { DMC_CHANGES_HEAP = 1, DMC_SPURIOUS = 2 };

struct dmc_step {
    dmc_expression *guard; /* NULL: always */
    dmc_body *body;
    uint32_t alternative;
    uint32_t flags;
    uint32_t first_access;
    uint32_t accesses;
    uint64_t asks_full; /* the pools, as bits, that the step asks whether they are full */
    uint32_t party;     /* 0, or the number of one that an obligation has to do without: below 64 */
};

/* A cell (or, in an object, the offset from its slot) that holds a reference to a pool. */
struct dmc_reference {
    uint32_t cell;
    uint32_t pool;
};

/* A kind of objects: `first`.. in the table of references. Its loss violates the claims in the set `owned`. */
struct dmc_kind {
    uint32_t owned;
    uint32_t first;
    uint32_t references;
};

/* Slot r (from 1) begins at `base + r * stride`; `base` may be negative. */
struct dmc_pool {
    int32_t base;
    uint32_t stride;
    uint32_t size;
    uint32_t first_kind;
};

enum dmc_outcome_kind { DMC_FAULT = 1, DMC_CUT = 2, DMC_DROP = 3 };

/* How a run ends; a fault violates properties `first`.. of `outcome_properties`. */
struct dmc_outcome {
    uint32_t kind;
    uint32_t first;
    uint32_t properties;
};

/* A condition, and the number of the property (or of the cover) that it belongs to. */
struct dmc_condition {
    dmc_expression *holds;
    uint32_t target;
};

/* Wherever `when` holds, `target` can be reached without the steps of the parties `without` (as bits). */
struct dmc_obligation {
    dmc_expression *when;
    dmc_expression *target;
    uint64_t without;
};

struct dmc_model {
    uint32_t version;
    uint32_t cells, words, effects, points;
    uint32_t bytes; /* of a packed state: what follows in its words is 0 */
    uint32_t threads, pools, roots, steps;
    uint32_t properties, covers, locations, outcomes, sites;
    uint32_t initials, invariants, at_end, reachable, lost, races, obligations;

    void (*pack)(const dmc_cell *s, uint64_t *w);
    void (*unpack)(const uint64_t *w, dmc_cell *s);
    dmc_expression *ends;

    const struct dmc_thread *thread;
    const uint32_t *first_step; /* by point, and one more: the end */
    const struct dmc_step *step;
    const struct dmc_access *access;
    const struct dmc_protection *protection;
    const struct dmc_pool *pool;
    const struct dmc_kind *kind;
    const struct dmc_reference *root;
    const struct dmc_reference *reference;
    const struct dmc_outcome *outcome;
    const uint32_t *outcome_property;
    const struct dmc_site *site;
    const struct dmc_condition *invariant;
    const struct dmc_condition *end_condition;
    const struct dmc_condition *reach;
    const struct dmc_obligation *obligation;
    const uint32_t *lost_property;
    const uint32_t *race_property;
    const dmc_cell *initial; /* the states to start from, one after the other */
    uint32_t *broken;        /* the line of the first broken promise; 0: none */
};

#endif
