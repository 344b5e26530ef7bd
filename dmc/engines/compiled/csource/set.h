/* A set of states, numbered in the order in which they are added.
 *
 * A state is looked for as words and kept as the bytes of them that can differ from 0.
 *
 * A slot of the table is 0, or the upper half of the state's hash and 1 + its number: most misses and
 * nearly all foreign entries are told without a look at the states. Open addressing, linear probing. */
#ifndef DMC_SET_H
#define DMC_SET_H

#include <string.h>

#include "memory.h"

#define DMC_NONE UINT32_MAX
/* States are numbered in 32 bits, and one number is kept. */
#define DMC_MOST_STATES ((uint64_t)UINT32_MAX - 1)

struct dmc_set {
    uint32_t words, bytes;
    uint64_t last_word; /* the bits of the last word that are kept */
    uint64_t *slots;
    uint64_t mask;
    uint64_t full; /* when so many states are in, the table grows before the next */
    struct dmc_array keys;
};

/* For states of so many words, of which the first `bytes` bytes say all. */
int dmc_set_open(struct dmc_set *set, uint32_t words, uint32_t bytes);
void dmc_set_close(struct dmc_set *set);
void dmc_set_clear(struct dmc_set *set);

/* The number of the state, or DMC_NONE. See `dmc_set_look_up`. */
uint32_t dmc_set_find(const struct dmc_set *set, const uint64_t *key, uint64_t hash);

/* Add a state that is not in the set. DMC_NONE if there is no memory, or more than `budget` bytes
 * would be used by the set. */
uint32_t dmc_set_add(struct dmc_set *set, const uint64_t *key, uint64_t hash, uint64_t budget);

uint64_t dmc_set_bytes(const struct dmc_set *set);

/* A word of a kept state; of the last one some bits may be another's. */
static inline uint64_t dmc_kept_word(const unsigned char *kept, uint32_t i)
{
    uint64_t word;

    memcpy(&word, kept + 8 * (size_t)i, sizeof word);
    return word;
}

/* A word of a kept state. */
static inline uint64_t dmc_set_word(const struct dmc_set *set, const unsigned char *kept, uint32_t i)
{
    return dmc_kept_word(kept, i) & (i + 1 == set->words ? set->last_word : UINT64_MAX);
}

/* The state as words again. */
static inline void dmc_set_key(const struct dmc_set *set, uint64_t number, uint64_t *key)
{
    const unsigned char *kept = dmc_item(&set->keys, number);

    for (uint32_t i = 0; i < set->words; i++)
        key[i] = dmc_set_word(set, kept, i);
}

/* As `dmc_set_find`, for states of `words` words: fast where that is a constant. */
static inline __attribute__((always_inline)) uint32_t dmc_set_look_up(const struct dmc_set *set, const uint64_t *key,
                                                                      uint64_t hash, uint32_t words)
{
    for (uint64_t at = hash & set->mask;; at = (at + 1) & set->mask) {
        uint64_t slot = set->slots[at], differs = 0;
        const unsigned char *kept;

        if (!slot)
            return DMC_NONE;
        if (slot >> 32 != hash >> 32)
            continue;
        kept = dmc_item(&set->keys, (uint32_t)slot - 1);
        for (uint32_t i = 0; i + 1 < words; i++)
            differs |= dmc_kept_word(kept, i) ^ key[i];
        differs |= (dmc_kept_word(kept, words - 1) ^ key[words - 1]) & set->last_word;
        if (!differs)
            return (uint32_t)slot - 1;
    }
}

#define DMC_HASH_SEED 0x9e3779b97f4a7c15u

static inline uint64_t dmc_hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

static inline uint64_t dmc_hash_end(uint64_t hash)
{
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

static inline uint64_t dmc_hash(const uint64_t *key, uint32_t words)
{
    uint64_t hash = DMC_HASH_SEED;

    for (uint32_t i = 0; i < words; i++)
        hash = dmc_hash_word(hash, key[i]);
    return dmc_hash_end(hash);
}

static inline void dmc_set_prefetch_slot(const struct dmc_set *set, uint64_t hash)
{
    __builtin_prefetch(&set->slots[hash & set->mask]);
}

/* Once the slot is there: the state that it names, if it may be the one that is looked for. */
static inline void dmc_set_prefetch_key(const struct dmc_set *set, uint64_t hash)
{
    uint64_t slot = set->slots[hash & set->mask];

    if (slot && slot >> 32 == hash >> 32) {
        const char *key = dmc_item(&set->keys, (uint32_t)slot - 1);

        for (uint32_t at = 0; at < set->bytes; at += 64)
            __builtin_prefetch(key + at);
    }
}

#endif
