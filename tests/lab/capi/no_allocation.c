// SPDX-License-Identifier: Apache-2.0
// no_allocation SNAPSHOT KEYS [THREADS]: loads, then judges while every call of the allocator is
// counted. Exits with 0 when there was none and no thread has been started.
//   THREADS  of the emulator that runs this, beside ours: 0 when it is left out
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sweepgate/filter.h>

// glibc's own, behind the names that stand in front of them here.
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static unsigned long calls;

void* malloc(size_t size) {
    ++calls;
    return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
    ++calls;
    return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
    ++calls;
    return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
    ++calls;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
    ++calls;
    *memory = __libc_memalign(alignment, size);
    return *memory != NULL ? 0 : ENOMEM;
}

static int threads(void) {
    DIR* tasks = opendir("/proc/self/task");
    int count = 0;
    for (const struct dirent* task; tasks != NULL && (task = readdir(tasks)) != NULL;)
        count += task->d_name[0] != '.';
    if (tasks != NULL) closedir(tasks);
    return count;
}

// An IPv4 UDP packet to 203.0.113.`host`; the broken one has an impossible header length.
static void make(uint8_t* frame, uint8_t host, int broken) {
    static const uint8_t header[] = {0x08, 0x00, 0x45, 0,    0,   28, 0, 1, 0,   0,
                                     64,   17,   0,    0,    192, 0,  2, 1, 203, 0,
                                     113,  0,    0x9C, 0x40, 0,   53, 0, 8, 0,   0};
    memset(frame, 0, 60);
    memcpy(frame + 12, header, sizeof header);
    frame[33] = host;
    if (broken) frame[14] = 0x41;
}

int main(int argc, char** argv) {
    struct sgf_source source = SGF_SOURCE_INIT;
    if (argc < 3 || argc > 4) return 2;
    const int foreign_threads = argc == 4 ? atoi(argv[3]) : 0;
    source.snapshot_file = argv[1];
    source.keys_file = argv[2];
    char error[SGF_ERROR_BYTES];
    struct sgf_filter* filter = NULL;
    if (sgf_load(&source, &filter, error, sizeof error) != SGF_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    static uint8_t bytes[SGF_MAX_BURST][60];
    struct sgf_frame frames[SGF_MAX_BURST];
    struct sgf_judgement judgements[SGF_MAX_BURST];
    struct sgf_system_counters systems[16] = {{0, 0, 0}};
    struct sgf_counters counters = {.size = sizeof counters, .systems = systems};
    counters.system_count = 16;
    for (unsigned i = 0; i < SGF_MAX_BURST; ++i) {
        make(bytes[i], (uint8_t)i, i % 7 == 0);
        frames[i] = (struct sgf_frame){bytes[i], 60, 60};
    }
    const unsigned long before = calls;
    for (int round = 0; round < 1000; ++round) {
        const uint64_t hits = sgf_judge_frames(filter, 0, frames, SGF_MAX_BURST, judgements);
        sgf_count(&counters, hits, judgements, SGF_MAX_BURST);
        sgf_judge_frames(NULL, 0, frames, SGF_MAX_BURST, judgements);
    }
    const unsigned long allocated = calls - before;
    printf("allocations %lu, %lu while loading; threads %d; dropped %lu, malformed %lu\n",
           allocated, before, threads(), (unsigned long)counters.verdicts[SGF_DROP],
           (unsigned long)counters.verdicts[SGF_DROP_MALFORMED]);
    const int judged =
        counters.verdicts[SGF_DROP] == 54000 && counters.verdicts[SGF_DROP_MALFORMED] == 10000;
    const int alone = threads() == 1 + foreign_threads;
    sgf_free(filter);
    return allocated == 0 && before > 0 && judged && alone ? 0 : 1;
}
