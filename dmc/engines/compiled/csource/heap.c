#include "heap.h"

#include <stdlib.h>
#include <string.h>

int dmc_heap_open(struct dmc_heap *heap, const struct dmc_model *model)
{
    memset(heap, 0, sizeof *heap);
    heap->model = model;
    heap->first_slot = calloc(model->pools + 1, sizeof *heap->first_slot);
    heap->taken = calloc(model->pools + 1, sizeof *heap->taken);
    if (!heap->first_slot || !heap->taken)
        return 0;
    for (uint32_t p = 0; p < model->pools; p++) {
        heap->first_slot[p] = heap->slots;
        heap->slots += model->pool[p].size;
    }
    heap->pool_of = calloc(heap->slots + 1, sizeof *heap->pool_of);
    heap->cell = calloc(heap->slots + 1, sizeof *heap->cell);
    heap->kinds = calloc(heap->slots + 1, sizeof *heap->kinds);
    heap->reached = calloc(heap->slots + 1, sizeof *heap->reached);
    heap->place = calloc(heap->slots + 1, sizeof *heap->place);
    heap->before = calloc(model->words + 1, sizeof *heap->before);
    if (!heap->pool_of || !heap->cell || !heap->kinds || !heap->reached || !heap->place || !heap->before)
        return 0;
    for (uint32_t p = 0; p < model->pools; p++)
        for (uint32_t i = 0; i < model->pool[p].size; i++) {
            uint32_t slot = heap->first_slot[p] + i;

            heap->pool_of[slot] = p;
            heap->cell[slot] = (uint32_t)(model->pool[p].base + (int32_t)(model->pool[p].stride * (i + 1)));
            heap->kinds[slot] = model->kind + model->pool[p].first_kind;
        }
    return 1;
}

void dmc_heap_close(struct dmc_heap *heap)
{
    free(heap->first_slot);
    free(heap->taken);
    free(heap->pool_of);
    free(heap->cell);
    free(heap->kinds);
    free(heap->reached);
    free(heap->place);
    free(heap->before);
}

/* The kind of the object in a slot; NULL if there is none, or a tombstone. */
static const struct dmc_kind *kind_of(const struct dmc_heap *heap, const uint64_t *s, uint32_t slot)
{
    dmc_cell kind = dmc_get(&heap->model->field[heap->cell[slot]], s);

    return kind > DMC_DEAD ? heap->kinds[slot] + (kind - 2) : NULL;
}

static uint32_t mark(struct dmc_heap *heap, uint32_t pool, dmc_cell reference, uint32_t count)
{
    uint32_t slot;

    if (reference <= 0)
        return count;
    slot = heap->first_slot[pool] + (uint32_t)reference - 1;
    if (heap->place[slot])
        return count;
    heap->place[slot] = ++heap->taken[pool];
    heap->reached[count] = slot;
    return count + 1;
}

/* Walk from the roots, but for those in the cells from `skip` on; how many slots are reached. */
static uint32_t walk(struct dmc_heap *heap, const uint64_t *s, uint32_t skip, uint32_t skipped)
{
    const struct dmc_model *m = heap->model;
    uint32_t count = 0;

    memset(heap->place, 0, heap->slots * sizeof *heap->place);
    memset(heap->taken, 0, m->pools * sizeof *heap->taken);
    for (uint32_t i = 0; i < m->roots; i++)
        if (m->root[i].cell - skip >= skipped)
            count = mark(heap, m->root[i].pool, dmc_get(&m->field[m->root[i].cell], s), count);
    for (uint32_t done = 0; done < count; done++) {
        const struct dmc_kind *kind = kind_of(heap, s, heap->reached[done]);
        uint32_t cell = heap->cell[heap->reached[done]];

        for (uint32_t i = 0; kind && i < kind->references; i++) {
            const struct dmc_reference *field = &m->reference[kind->first + i];

            count = mark(heap, field->pool, dmc_get(&m->field[cell + field->cell], s), count);
        }
    }
    return count;
}

/* The slot has no object. */
static void clear(const struct dmc_heap *heap, uint64_t *s, uint32_t cell, uint32_t stride)
{
    for (uint32_t i = 0; i < stride; i++)
        dmc_put(&heap->model->field[cell + i], s, 0);
}

static uint32_t reset(struct dmc_heap *heap, uint64_t *s)
{
    uint32_t lost = 0;

    for (uint32_t slot = 0; slot < heap->slots; slot++) {
        uint32_t cell;
        const struct dmc_kind *kind;

        if (heap->place[slot])
            continue;
        cell = heap->cell[slot];
        if (dmc_get(&heap->model->field[cell], s) == DMC_FREE)
            continue;
        kind = kind_of(heap, s, slot);
        lost |= kind ? kind->owned : 0;
        clear(heap, s, cell, heap->model->pool[heap->pool_of[slot]].stride);
    }
    return lost;
}

static dmc_cell renamed(const struct dmc_heap *heap, uint32_t pool, dmc_cell reference)
{
    return reference > 0 ? (dmc_cell)heap->place[heap->first_slot[pool] + (uint32_t)reference - 1]
                         : reference;
}

/* The object of a slot goes to another, with its references renamed. */
static void move(const struct dmc_heap *heap, uint64_t *s, uint32_t slot)
{
    const struct dmc_model *m = heap->model;
    const struct dmc_pool *pool = &m->pool[heap->pool_of[slot]];
    const struct dmc_field *from = &m->field[heap->cell[slot]];
    const struct dmc_field *to = &m->field[pool->base + (int32_t)(pool->stride * heap->place[slot])];
    const struct dmc_kind *kind = kind_of(heap, heap->before, slot);

    for (uint32_t i = 0; i < pool->stride; i++)
        dmc_put(&to[i], s, dmc_get(&from[i], heap->before));
    for (uint32_t i = 0; kind && i < kind->references; i++) {
        const struct dmc_reference *field = &m->reference[kind->first + i];

        dmc_put(&to[field->cell], s, renamed(heap, field->pool, dmc_get(&from[field->cell], heap->before)));
    }
}

static void renumber(struct dmc_heap *heap, uint64_t *s, uint32_t count)
{
    const struct dmc_model *m = heap->model;

    memcpy(heap->before, s, m->words * sizeof *s);
    for (uint32_t i = 0; i < m->roots; i++) {
        const struct dmc_field *root = &m->field[m->root[i].cell];

        dmc_put(root, s, renamed(heap, m->root[i].pool, dmc_get(root, s)));
    }
    for (uint32_t slot = 0; slot < heap->slots; slot++)
        if (dmc_get(&m->field[heap->cell[slot]], s) != DMC_FREE)
            clear(heap, s, heap->cell[slot], m->pool[heap->pool_of[slot]].stride);
    for (uint32_t done = 0; done < count; done++)
        move(heap, s, heap->reached[done]);
}

uint32_t dmc_heap_collect(struct dmc_heap *heap, uint64_t *s, int renumbering)
{
    uint32_t count = walk(heap, s, UINT32_MAX, 0), in_place = 0;
    uint32_t lost = reset(heap, s);

    while (in_place < count) {
        uint32_t slot = heap->reached[in_place];

        if (heap->place[slot] != slot - heap->first_slot[heap->pool_of[slot]] + 1)
            break;
        in_place++;
    }
    if (renumbering && in_place < count)
        renumber(heap, s, count);
    return lost;
}

int dmc_heap_shared(struct dmc_heap *heap, const uint64_t *s, const struct dmc_thread *t, uint32_t pool,
                    int64_t reference)
{
    walk(heap, s, t->base, t->registers + 1);
    return heap->place[heap->first_slot[pool] + (uint32_t)reference - 1] != 0;
}

uint32_t dmc_heap_used(const struct dmc_model *model, const uint64_t *s, uint32_t pool)
{
    const struct dmc_pool *p = &model->pool[pool];
    uint32_t used = 0;

    for (uint32_t r = 1; r <= p->size; r++)
        used += dmc_get(&model->field[p->base + (int32_t)(p->stride * r)], s) != DMC_FREE;
    return used;
}
