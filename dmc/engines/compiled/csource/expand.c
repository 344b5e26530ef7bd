#include "expand.h"

#include <stdlib.h>
#include <string.h>

static uint32_t most_steps(const struct dmc_model *m)
{
    uint32_t most = 0;

    for (uint32_t point = 0; point < m->points; point++)
        if (m->first_step[point + 1] - m->first_step[point] > most)
            most = m->first_step[point + 1] - m->first_step[point];
    return most * m->threads;
}

int dmc_expander_open(struct dmc_expander *x, const struct dmc_model *model)
{
    uint64_t room;

    memset(x, 0, sizeof *x);
    x->model = model;
    x->most = most_steps(model) + 2;
    room = (uint64_t)DMC_BATCH + x->most;
    x->batch.event = calloc(room, sizeof *x->batch.event);
    x->batch.state = calloc(room * model->words + 1, sizeof *x->batch.state);
    x->batch.effects.items = calloc(room * model->effects + 1, sizeof *x->batch.effects.items);
    x->now = calloc(model->words + 1, sizeof *x->now);
    x->may_race = calloc(model->points + 1, sizeof *x->may_race);
    if (!x->batch.event || !x->batch.state || !x->batch.effects.items || !x->now || !x->may_race)
        return 0;
    for (uint32_t point = 0; point < model->points; point++)
        x->may_race[point] = (uint8_t)dmc_may_race(model, point);
    return dmc_heap_open(&x->heap, model) && dmc_set_open(&x->between, model->words, model->bytes);
}

void dmc_expander_close(struct dmc_expander *x)
{
    free(x->batch.event);
    free(x->batch.state);
    free(x->batch.effects.items);
    free(x->now);
    free(x->may_race);
    free(x->node);
    free(x->frame);
    free(x->frame_state);
    dmc_heap_close(&x->heap);
    dmc_set_close(&x->between);
}

/* Room for the steps of one state and some more; 0 if the search stops. */
static int make_room(struct dmc_expander *x)
{
    if (x->batch.events < DMC_BATCH || x->full(x->context))
        return 1;
    x->stopped = 1;
    return 0;
}

/* An event that is no step; there is room. */
static struct dmc_event *new_event(struct dmc_expander *x, uint32_t flags, uint32_t source, uint32_t node)
{
    struct dmc_event *event = &x->batch.event[x->batch.events++];

    memset(event, 0, sizeof *event);
    event->flags = flags | x->begins;
    event->source = source;
    event->node = node;
    x->begins = 0;
    return event;
}

static int breaks(struct dmc_expander *x, uint32_t source, uint32_t what)
{
    new_event(x, DMC_BREAKS, source, DMC_ROOT)->outcome = what;
    return 0;
}

static uint32_t new_node(struct dmc_expander *x, uint32_t parent, uint32_t thread, uint32_t step)
{
    if (!dmc_room((void **)&x->node, &x->node_room, x->nodes + 1, sizeof *x->node))
        return 0;
    x->node[x->nodes].parent = parent;
    x->node[x->nodes].thread = thread;
    x->node[x->nodes].step = step;
    return (uint32_t)x->nodes++;
}

static int push_frame(struct dmc_expander *x, const uint64_t *s, uint32_t node, uint32_t thread)
{
    uint64_t words = x->model->words;

    if (!dmc_room((void **)&x->frame, &x->frame_room, x->frames + 1, sizeof *x->frame) ||
        !dmc_room((void **)&x->frame_state, &x->frame_state_room, (x->frames + 1) * words + 1,
                  sizeof *x->frame_state))
        return 0;
    memcpy(x->frame_state + x->frames * words, s, words * sizeof *s);
    x->frame[x->frames].node = node;
    x->frame[x->frames].thread = thread;
    x->frames++;
    return 1;
}

/* Frames that were pushed in order come out in order. */
static void reverse_frames(struct dmc_expander *x, uint64_t first)
{
    uint64_t words = x->model->words;

    for (uint64_t low = first, high = x->frames; low + 1 < high; low++) {
        struct dmc_frame frame = x->frame[low];
        uint64_t *a = x->frame_state + low * words, *b = x->frame_state + --high * words;

        x->frame[low] = x->frame[high];
        x->frame[high] = frame;
        for (uint64_t i = 0; i < words; i++) {
            uint64_t word = a[i];

            a[i] = b[i];
            b[i] = word;
        }
    }
}

/* Whether the thread goes on at once from the state. */
static int goes_on(const struct dmc_expander *x, const uint64_t *s, const struct dmc_thread *t)
{
    const struct dmc_model *m = x->model;
    uint32_t point = dmc_point(s, t);

    if (!x->fusion->plan->fused[point])
        return 0;
    for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++)
        if (dmc_enabled(&m->step[i], s, t))
            return 1;
    return 0;
}

/* Keep the state between for this source, once; 0 if there is no memory. */
static int pass(struct dmc_expander *x, struct dmc_event *event, const uint64_t *s)
{
    uint32_t node = new_node(x, event->node, event->thread, event->step);

    event->flags |= DMC_PASSES;
    return node && dmc_set_add(&x->between, s, event->hash, UINT64_MAX) != DMC_NONE &&
           push_frame(x, s, node, event->thread - 1);
}

/* What a step means for the search, but for fusion. */
static inline void complete(struct dmc_expander *x, struct dmc_event *event, uint64_t *s, uint32_t source,
                            uint32_t node)
{
    const struct dmc_step *step = &x->model->step[event->step];
    uint32_t flags = DMC_COUNTS | x->begins;

    x->begins = 0;
    event->source = source;
    event->node = node;
    event->party = step->party;
    if (event->outcome) {
        event->flags = flags | DMC_ENDS_RUN;
        return;
    }
    if ((step->flags & DMC_CHANGES_HEAP) && (event->lost = dmc_heap_collect(&x->heap, s, x->renumber)) != 0)
        flags |= DMC_LOSES;
    event->hash = dmc_hash(s, x->model->words);
    dmc_set_prefetch_slot(x->visited, event->hash);
    event->flags = flags | DMC_REACHES | (step->flags & DMC_SPURIOUS ? 0 : DMC_IS_EDGE);
}

/* Whether fusion takes the step together with those that follow; 0 if there is no memory. */
static int fuse(struct dmc_expander *x, struct dmc_event *event, const uint64_t *s)
{
    if (!(event->flags & DMC_IS_EDGE))
        return 1;
    if (dmc_set_find(&x->between, s, event->hash) != DMC_NONE)
        event->flags &= ~(uint32_t)(DMC_REACHES | DMC_IS_EDGE);
    else if (goes_on(x, s, &x->model->thread[event->thread - 1])) {
        event->flags &= ~(uint32_t)(DMC_REACHES | DMC_IS_EDGE);
        return pass(x, event, s);
    }
    return 1;
}

/* Complete an event while what fusion relies on is watched; what is not protected. */
static uint32_t watched(struct dmc_expander *x, struct dmc_event *event, uint64_t *s, uint32_t source,
                        uint32_t node)
{
    const struct dmc_thread *t = &x->model->thread[event->thread - 1];
    const struct dmc_step *step = &x->model->step[event->step];
    uint32_t broken = dmc_fusion_witness(x->fusion, x->now, t, step);

    if (broken != DMC_PROTECTED)
        return broken;
    complete(x, event, s, source, node);
    return dmc_fusion_taken(x->fusion, x->now, t, step, s);
}

/* Take every step of a thread from `now`, with fusion. */
static int take_all(struct dmc_expander *x, uint32_t source, uint32_t node, const struct dmc_thread *t, int *ended)
{
    uint32_t first = x->batch.events, words = x->model->words;

    x->model->successors[t->number - 1](x->now, t, &x->batch);
    for (uint32_t i = first; i < x->batch.events; i++) {
        struct dmc_event *event = &x->batch.event[i];
        uint64_t *s = x->batch.state + (size_t)i * words;
        uint32_t broken = DMC_PROTECTED;

        if (x->watching)
            broken = watched(x, event, s, source, node);
        else
            complete(x, event, s, source, node);
        if (broken != DMC_PROTECTED) {
            x->batch.events = i;
            return breaks(x, source, broken);
        }
        *ended |= event->outcome != 0;
        if (!fuse(x, event, s))
            return 0;
    }
    return 1;
}

/* The state between is kept after all: what other threads do before the run ends must be seen. */
static int keep(struct dmc_expander *x, uint32_t source, uint32_t node)
{
    struct dmc_event *event;

    if (!make_room(x))
        return 0;
    event = new_event(x, DMC_REACHES | DMC_IS_EDGE, source, x->node[node].parent);
    event->thread = x->node[node].thread;
    event->step = x->node[node].step;
    memcpy(dmc_state(x, event), x->now, x->model->words * sizeof *x->now);
    event->hash = dmc_hash(x->now, x->model->words);
    return 1;
}

static int expand_frame(struct dmc_expander *x, uint32_t source, struct dmc_frame frame)
{
    const struct dmc_model *m = x->model;
    uint64_t first = x->frames;
    int ended = 0;

    if (!make_room(x))
        return 0;
    for (uint32_t i = 0; i < m->threads; i++)
        if (frame.thread == m->threads || frame.thread == i)
            if (!take_all(x, source, frame.node, &m->thread[i], &ended))
                return 0;
    if (ended && frame.node != DMC_ROOT && !keep(x, source, frame.node))
        return 0;
    reverse_frames(x, first);
    return 1;
}

static void begin(struct dmc_expander *x, uint32_t source)
{
    x->begins = DMC_BEGINS;
    if (x->racing && dmc_find_race(x->model, x->may_race, x->now, &x->race)) {
        (void)new_event(x, DMC_HAS_RACE, source, DMC_ROOT);
        x->racing = 0;
    }
}

/* All steps of the source, each for itself. */
static void expand_alone(struct dmc_expander *x, uint32_t source)
{
    const struct dmc_model *m = x->model;
    uint32_t first = x->batch.events;

    for (uint32_t i = 0; i < m->threads; i++)
        m->successors[i](x->now, &m->thread[i], &x->batch);
    for (uint32_t i = first; i < x->batch.events; i++)
        complete(x, &x->batch.event[i], x->batch.state + (size_t)i * m->words, source, DMC_ROOT);
    dmc_fetch(x, DMC_AHEAD);
}

static int expand_fused(struct dmc_expander *x, uint32_t source)
{
    struct dmc_frame frame = {DMC_ROOT, x->model->threads};
    uint64_t words = x->model->words;

    x->frames = 0;
    if (x->watching)
        dmc_fusion_begin(x->fusion, x->now);
    dmc_set_clear(&x->between);
    for (;;) {
        if (!expand_frame(x, source, frame))
            return 0;
        if (!x->frames)
            return 1;
        frame = x->frame[--x->frames];
        memcpy(x->now, x->frame_state + x->frames * words, words * sizeof *x->now);
    }
}

int dmc_expand(struct dmc_expander *x, uint32_t source)
{
    x->stopped = 0;
    if (!make_room(x))
        return 0;
    if (!x->batch.events)
        x->nodes = 0;
    if (!x->nodes && (new_node(x, 0, 0, 0), !x->nodes))
        return 0;
    begin(x, source);
    if (!x->fusion)
        expand_alone(x, source);
    else if (!expand_fused(x, source))
        return 0;
    if (x->begins)
        (void)new_event(x, 0, source, DMC_ROOT);
    return 1;
}

int dmc_start(struct dmc_expander *x, uint32_t initial)
{
    uint64_t words = x->model->words;
    struct dmc_event *event;
    uint64_t *s;

    if (!make_room(x))
        return 0;
    event = new_event(x, DMC_STARTS | DMC_REACHES, initial, DMC_ROOT);
    s = dmc_state(x, event);
    memcpy(s, x->model->initial + initial * words, words * sizeof *s);
    (void)dmc_heap_collect(&x->heap, s, x->renumber);
    event->hash = dmc_hash(s, x->model->words);
    return 1;
}
