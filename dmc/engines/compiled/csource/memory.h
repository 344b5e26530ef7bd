/* Memory that grows without moving: arrays in chunks, and zeroed tables. */
#ifndef DMC_MEMORY_H
#define DMC_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a chunk, at most: what is not used of the last one is hardly ever in memory, and what is lost to
 * huge pages at the end of each one is little. */
#define DMC_CHUNK_BYTES ((size_t)64 << 20)
/* So many bytes behind the last item of a chunk may be read. */
#define DMC_PADDING 8u

/* Items of one size, 2 to the power of `bits` of them in a chunk; an item stays where it is. */
struct dmc_array {
    unsigned char **chunk;
    uint64_t chunks;
    uint64_t count;
    uint64_t limit; /* items for which there is memory, in the kind of pages that suits so many */
    size_t item;
    uint32_t bits;
};

/* Zeroed memory for a table, in huge pages where there are any; NULL if there is none. Large tables have a
 * multiple of 4096 bytes. */
void *dmc_table(size_t bytes);
void dmc_table_free(void *table, size_t bytes);

void dmc_array_open(struct dmc_array *a, size_t item);
void dmc_array_close(struct dmc_array *a);

/* Room for one more item; 0 if there is no memory. */
int dmc_array_grow(struct dmc_array *a);

static inline void *dmc_item(const struct dmc_array *a, uint64_t number)
{
    return a->chunk[number >> a->bits] + (number & (((uint64_t)1 << a->bits) - 1)) * a->item;
}

/* A new item at the end, not initialised; NULL if there is no memory. */
static inline void *dmc_array_add(struct dmc_array *a)
{
    if (a->count == a->limit && !dmc_array_grow(a))
        return NULL;
    return dmc_item(a, a->count++);
}

static inline uint32_t dmc_number(const struct dmc_array *a, uint64_t number)
{
    return *(const uint32_t *)dmc_item(a, number);
}

static inline int dmc_add_number(struct dmc_array *a, uint32_t value)
{
    uint32_t *place = dmc_array_add(a);

    if (place)
        *place = value;
    return place != NULL;
}

static inline uint64_t dmc_array_bytes(const struct dmc_array *a)
{
    return a->count * a->item;
}

/* Room for at least `wanted` items of a plain array that may move; 0 if there is no memory. */
int dmc_room(void **items, uint64_t *room, uint64_t wanted, size_t item);

#endif
