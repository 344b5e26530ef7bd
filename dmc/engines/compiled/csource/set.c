#include "set.h"

#include <string.h>

#define FIRST_SLOTS ((uint64_t)1 << 6)
/* Per cent of the slots in use before the table grows; when memory is short, and at the very end. */
#define LOAD 60
#define LOAD_WHEN_SHORT 75
#define LOAD_AT_MOST 90
/* From so many slots on, a table twice as large is worth being built more often. */
#define LARGE ((uint64_t)1 << 18)

static int open_table(struct dmc_set *set, uint64_t slots)
{
    uint64_t *table = dmc_table(slots * sizeof *table);

    if (!table)
        return 0;
    set->slots = table;
    set->mask = slots - 1;
    set->full = slots / 100 * LOAD + slots % 100 * LOAD / 100;
    return 1;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTES_SAY_ALL 0 /* the bytes at the end of a word are its lower ones: all are kept */
#else
#define BYTES_SAY_ALL 1
#endif

int dmc_set_open(struct dmc_set *set, uint32_t words, uint32_t bytes)
{
    uint32_t whole = words * (uint32_t)sizeof(uint64_t);

    memset(set, 0, sizeof *set);
    set->words = words;
    set->bytes = BYTES_SAY_ALL && bytes ? bytes : whole;
    set->last_word = UINT64_MAX >> 8 * (whole - set->bytes);
    dmc_array_open(&set->keys, set->bytes);
    return open_table(set, FIRST_SLOTS);
}

void dmc_set_close(struct dmc_set *set)
{
    dmc_table_free(set->slots, (set->mask + 1) * sizeof *set->slots);
    set->slots = NULL;
    dmc_array_close(&set->keys);
}

void dmc_set_clear(struct dmc_set *set)
{
    if (set->keys.count) {
        memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
        set->keys.count = 0;
    }
}

uint64_t dmc_set_bytes(const struct dmc_set *set)
{
    return (set->mask + 1) * sizeof *set->slots + dmc_array_bytes(&set->keys);
}

uint32_t dmc_set_find(const struct dmc_set *set, const uint64_t *key, uint64_t hash)
{
    return dmc_set_look_up(set, key, hash, set->words);
}

static void put(struct dmc_set *set, uint64_t hash, uint32_t number)
{
    uint64_t at = hash & set->mask;

    while (set->slots[at])
        at = (at + 1) & set->mask;
    set->slots[at] = hash >> 32 << 32 | (number + 1u);
}

static uint64_t hash_of(const struct dmc_set *set, uint64_t number)
{
    const unsigned char *kept = dmc_item(&set->keys, number);
    uint64_t hash = DMC_HASH_SEED;

    for (uint32_t i = 0; i < set->words; i++)
        hash = dmc_hash_word(hash, dmc_set_word(set, kept, i));
    return dmc_hash_end(hash);
}

/* The table anew from the states, which are read in order; the old one is given back first. */
static int rebuild(struct dmc_set *set, uint64_t slots)
{
    enum { AHEAD = 64 };
    uint64_t old = set->mask + 1, hashes[AHEAD];

    dmc_table_free(set->slots, old * sizeof *set->slots);
    set->slots = NULL;
    if (!open_table(set, slots) && !open_table(set, old))
        return 0;
    for (uint64_t first = 0; first < set->keys.count; first += AHEAD) {
        uint64_t last = first + AHEAD < set->keys.count ? first + AHEAD : set->keys.count;

        for (uint64_t i = first; i < last; i++) {
            hashes[i - first] = hash_of(set, i);
            __builtin_prefetch(&set->slots[hashes[i - first] & set->mask], 1);
        }
        for (uint64_t i = first; i < last; i++)
            put(set, hashes[i - first], (uint32_t)i);
    }
    return 1;
}

static uint64_t share(uint64_t slots, uint64_t per_cent)
{
    return slots / 100 * per_cent + slots % 100 * per_cent / 100;
}

/* Four times as large while it is small; then twice; later, when memory is short; fuller when it is out. */
static int grow(struct dmc_set *set, uint64_t budget)
{
    uint64_t slots = set->mask + 1, keys = dmc_array_bytes(&set->keys);
    uint64_t count = set->keys.count;

    if (slots < LARGE && keys * 4 + slots * 4 * sizeof *set->slots <= budget)
        return rebuild(set, slots * 4);
    if (count < share(slots, LOAD_WHEN_SHORT)) {
        set->full = share(slots, LOAD_WHEN_SHORT);
        return 1;
    }
    if (keys + slots * 2 * sizeof *set->slots <= budget)
        return rebuild(set, slots * 2);
    set->full = share(slots, LOAD_AT_MOST);
    return count < set->full;
}

uint32_t dmc_set_add(struct dmc_set *set, const uint64_t *key, uint64_t hash, uint64_t budget)
{
    uint64_t number = set->keys.count;
    void *place;

    if (number >= DMC_MOST_STATES || (number >= set->full && !grow(set, budget)) || !set->slots)
        return DMC_NONE;
    if (dmc_set_bytes(set) + set->bytes > budget)
        return DMC_NONE;
    place = dmc_array_add(&set->keys);
    if (!place)
        return DMC_NONE;
    memcpy(place, key, set->bytes);
    put(set, hash, (uint32_t)number);
    return (uint32_t)number;
}
