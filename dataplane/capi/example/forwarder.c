// SPDX-License-Identifier: Apache-2.0
// forwarder EAL-OPTIONS -- SNAPSHOT KEYS: a wire between ports 0 and 1 with Sweepgate's filter in
// it, on one lcore. Prints its counters each second, and at the end; SIGINT or SIGTERM ends it.
//
//   cc -O2 forwarder.c $(pkg-config --cflags --libs sweepgate-filter libdpdk) -o forwarder
//
// With more lcores each has its own counters, and a new filter takes the old one's place under
// rte_rcu_qsbr: publish the pointer, wait until every lcore has reported, then sgf_free() the old.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <sweepgate/filter.h>

static volatile sig_atomic_t stopping;

static void stop(int number) { stopping = number; }

static void start_port(uint16_t port, struct rte_mempool* pool) {
    const struct rte_eth_conf plain = {0};
    const int socket = rte_eth_dev_socket_id(port);
    if (rte_eth_dev_configure(port, 1, 1, &plain) != 0 ||
        rte_eth_rx_queue_setup(port, 0, 512, (unsigned)socket, NULL, pool) != 0 ||
        rte_eth_tx_queue_setup(port, 0, 512, (unsigned)socket, NULL) != 0 ||
        rte_eth_dev_start(port) != 0)
        rte_exit(EXIT_FAILURE, "port %u does not start\n", port);
    rte_eth_promiscuous_enable(port); // a wire hears everything; not every device can be asked
}

// One burst from `from` to `to`. What may not pass is freed; the rest keeps its order.
static void forward(uint16_t from, uint16_t to, const struct sgf_filter* filter,
                    struct sgf_counters* counters) {
    struct rte_mbuf* burst[SGF_MAX_BURST];
    struct sgf_judgement judgements[SGF_MAX_BURST];
    const uint16_t received = rte_eth_rx_burst(from, 0, burst, SGF_MAX_BURST);
    if (received == 0) return;
    const uint64_t hits = sgf_judge_mbufs(filter, 0, burst, received, judgements);
    sgf_count(counters, hits, judgements, received);
    uint16_t kept = 0;
    for (uint16_t i = 0; i < received; ++i) { // a rate (SGF_LIMIT) is the caller's: here, none
        if ((hits >> i & 1U) == 0 || sgf_passes(judgements[i].verdict))
            burst[kept++] = burst[i];
        else
            rte_pktmbuf_free(burst[i]);
    }
    const uint16_t sent = rte_eth_tx_burst(to, 0, burst, kept);
    for (uint16_t i = sent; i < kept; ++i) rte_pktmbuf_free(burst[i]);
}

static void print(const struct sgf_filter* filter, const struct sgf_counters* counters) {
    printf("packets %" PRIu64, counters->packets);
    for (unsigned i = 0; i < SGF_VERDICT_ROOM; ++i)
        if (counters->verdicts[i] != 0)
            printf(" %s %" PRIu64, sgf_verdict_name((uint8_t)i), counters->verdicts[i]);
    for (uint16_t i = 0; i < counters->system_count; ++i)
        if (counters->systems[i].dropped + counters->systems[i].rejected != 0)
            printf(" %s %" PRIu64, sgf_system_id(filter, i),
                   counters->systems[i].dropped + counters->systems[i].rejected);
    puts("");
}

int main(int argc, char** argv) {
    const int used = rte_eal_init(argc, argv);
    if (used < 0 || argc - used != 3)
        rte_exit(EXIT_FAILURE, "usage: forwarder EAL-OPTIONS -- SNAPSHOT KEYS\n");
    struct sgf_source source = SGF_SOURCE_INIT;
    source.snapshot_file = argv[used + 1];
    source.keys_file = argv[used + 2];
    struct sgf_filter* filter = NULL;
    char error[SGF_ERROR_BYTES];
    if (sgf_load(&source, &filter, error, sizeof error) != SGF_OK)
        rte_exit(EXIT_FAILURE, "%s\n", error);
    static struct sgf_system_counters systems[1024]; // a snapshot has no more
    struct sgf_counters counters = {
        .size = sizeof counters, .systems = systems, .system_count = 1024};
    struct rte_mempool* pool =
        rte_pktmbuf_pool_create("packets", 8191, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
    if (pool == NULL) rte_exit(EXIT_FAILURE, "no memory for packets\n");
    for (uint16_t port = 0; port < 2; ++port) start_port(port, pool);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    for (uint64_t next = 0; !stopping;) {
        forward(0, 1, filter, &counters);
        forward(1, 0, filter, &counters);
        if (rte_get_timer_cycles() < next) continue;
        print(filter, &counters);
        next = rte_get_timer_cycles() + rte_get_timer_hz();
    }
    for (uint16_t port = 0; port < 2; ++port) rte_eth_dev_stop(port);
    print(filter, &counters);
    sgf_free(filter);
    return rte_eal_cleanup() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
