/* What the search knows of a model: tables, and functions over a state.
 *
 * A state is an array of words, and a cell is a field of bits in one of them. The cells are numbered in the
 * order of `dmc.ir.layout`. Everything here is written by `dmc.engines.compiled.emitter`; the search never
 * looks into a model in any other way. */
#ifndef DMC_MODEL_H
#define DMC_MODEL_H

#include <stdint.h>

#define DMC_MODEL_VERSION 4u

typedef int32_t dmc_cell;

/* The value of a cell that has not been given one. */
#define DMC_UNSET INT32_MIN
/* Kinds of a pool slot; kinds of objects follow. */
#define DMC_FREE 0
#define DMC_DEAD 1

/* Where a cell lies: bit `at`, counted through all words, in so many bits as `mask` has. The code there is the
 * distance of the value from `low`, or `unset` for DMC_UNSET; no code is `unset` where that is no value. */
struct dmc_field {
    uint32_t at;
    int32_t low;
    uint64_t mask, unset;
};

struct dmc_thread {
    uint32_t number;    /* from 1, over all threads */
    uint32_t instance;  /* from 0, among those of its type */
    uint32_t base;      /* the cell of its point; its registers follow */
    uint32_t registers; /* how many */
    uint32_t at, first; /* of the point: its bits, and the number whose code is 0 */
    uint64_t mask;
};

/* What a body reports beside the new state: a sequence of a site and the site's values. */
struct dmc_effects {
    const uint64_t *covered; /* by cover number, as bits: already known, need not be told again */
    int64_t *items;
    uint32_t count;
};

/* A step that was taken, or something else that happens in a search. A body's place in a batch is that of its
 * event; `flags` and what follows are the search's own, see `expand.h`. */
struct dmc_event {
    uint32_t thread;  /* 0: no step */
    uint32_t step;    /* its number in the table of steps */
    uint32_t outcome; /* 0, or 1 + the number of the outcome that ends the run */
    uint32_t first_effect, effects;
    uint32_t flags, source, party;
    uint32_t node;    /* the steps before this one */
    uint32_t lost;    /* the set of the claims that it violates to lose something */
    uint64_t hash;
};

/* Events, and the state of each. */
struct dmc_batch {
    struct dmc_event *event;
    uint64_t *state;
    uint32_t events;
    struct dmc_effects effects;
};

/* `t` is not looked at by conditions that speak for no thread. */
typedef int64_t dmc_expression(const uint64_t *s, const struct dmc_thread *t);
/* All steps that the thread can take from the state, in order, into a batch that has room for them. */
typedef void dmc_successors(const uint64_t *s, const struct dmc_thread *t, struct dmc_batch *batch);

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
    uint32_t cells, words, points;
    uint32_t bytes;   /* of a state: what follows in its words is 0 */
    uint32_t effects; /* that a step tells at most */
    uint32_t threads, pools, roots, steps;
    uint32_t properties, covers, locations, outcomes, sites;
    uint32_t initials, invariants, at_end, reachable, lost, races, obligations;

    dmc_expression *ends;
    const struct dmc_field *field; /* by cell */
    const struct dmc_thread *thread;
    dmc_successors *const *successors; /* by thread */
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
    const uint64_t *initial; /* the states to start from, one after the other */
    uint32_t *broken;        /* the line of the first broken promise; 0: none */
};

static inline uint64_t dmc_bits(const uint64_t *s, uint32_t at, uint64_t mask)
{
    return s[at >> 6] >> (at & 63) & mask;
}

static inline void dmc_put_bits(uint64_t *s, uint32_t at, uint64_t mask, uint64_t code)
{
    uint64_t *word = &s[at >> 6];

    *word = (*word & ~(mask << (at & 63))) | (code & mask) << (at & 63);
}

static inline dmc_cell dmc_get(const struct dmc_field *field, const uint64_t *s)
{
    uint64_t code = dmc_bits(s, field->at, field->mask);

    return code == field->unset ? DMC_UNSET : (dmc_cell)((int64_t)code + field->low);
}

static inline void dmc_put(const struct dmc_field *field, uint64_t *s, dmc_cell value)
{
    uint64_t code = value == DMC_UNSET ? field->unset : (uint64_t)((int64_t)value - field->low);

    dmc_put_bits(s, field->at, field->mask, code);
}

/* Where the thread stands. */
static inline uint32_t dmc_point(const uint64_t *s, const struct dmc_thread *t)
{
    return (uint32_t)dmc_bits(s, t->at, t->mask) + t->first;
}

#endif
