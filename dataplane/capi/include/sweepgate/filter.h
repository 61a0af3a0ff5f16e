// SPDX-License-Identifier: Apache-2.0
//
// libsweepgate-filter: Sweepgate's address filter inside a packet program of your own.
//
//     sgf_load() --> struct sgf_filter --> sgf_judge_mbufs() or sgf_judge_frames() --> hits
//
//     struct sgf_source source = SGF_SOURCE_INIT;
//     source.snapshot_file = "/var/lib/sweepgate-agent/snapshot";
//     source.keys_file = "/etc/sweepgate/keys/signing.key.pub";
//     char error[SGF_ERROR_BYTES];
//     struct sgf_filter *filter = NULL;
//     if (sgf_load(&source, &filter, error, sizeof error) != SGF_OK) ...
//     uint64_t hits = sgf_judge_mbufs(filter, 0, mbufs, count, judgements);
//
// The library starts no threads, opens no sockets, keeps no state between calls and writes
// nothing to standard output or error. It never throws, and never ends the process.
//
// Threads    A loaded filter never changes: any number of threads may judge with one at a time,
//            without a lock. Loading and freeing may run beside judging with another filter.
// Memory     Only sgf_load() allocates, and only sgf_free() frees. A filter reserves 512 MiB of
//            address space and uses of it what its tables need, on huge pages where there are any:
//            about 14 bytes a listed IPv4 address, 62 of IPv6. The memory of two freed filters is
//            kept for the next ones: unmapping it would stop every core for a moment.
// Lifetimes  Whoever replaces a filter frees the old one when no thread can hold it any more
//            (rte_rcu_qsbr, or any point between bursts of all lcores). Text from
//            sgf_system_id() and sgf_system_name() lives as long as its filter.
// Versions   Of the ABI, by https://semver.org: what is taken away or changes its meaning raises
//            MAJOR, which is part of the soname; what is added raises MINOR. Structs that begin
//            with `size` may grow at their end: fill in sizeof what you were compiled with.
//
// Licence    Apache-2.0.
#ifndef SWEEPGATE_FILTER_H
#define SWEEPGATE_FILTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SGF_VERSION_MAJOR 0
#define SGF_VERSION_MINOR 3
#define SGF_VERSION_PATCH 0
#define SGF_VERSION (SGF_VERSION_MAJOR * 10000U + SGF_VERSION_MINOR * 100U + SGF_VERSION_PATCH)

// The version of the library that is running, composed as SGF_VERSION, which is that of this
// header. Equal MAJOR and a MINOR not below the header's are enough.
uint32_t sgf_version(void);

// ---- Loading ----------------------------------------------------------------------------------

enum sgf_status {
    SGF_OK = 0,
    SGF_BAD_ARGUMENT = -1, // a call of ours is wrong: NULL, both or neither of two choices
    SGF_NOT_FOUND = -2,    // no such file
    SGF_REFUSED = -3,      // no trusted key signed it, or it needs a newer reader
    SGF_BAD_SNAPSHOT = -4, // a snapshot or key file that contradicts itself or ends too early
    SGF_IO = -5,           // the operating system said no
    SGF_NO_MEMORY = -6,
    SGF_UNSUPPORTED = -7 // a struct asks for something that this older library does not know
};

// What to load. Snapshots are sealed: signed by the controller, checked before they are parsed.
// The agent's and the DPDK gate's state folders hold one in the file "snapshot"; the layout is in
// controlplane/wire/PROTOCOL.md, "Envelope". Beyond 48 MiB one is refused.
struct sgf_source {
    size_t size;               // sizeof(struct sgf_source)
    const char* snapshot_file; // either a file
    const void* snapshot;      // or its bytes, which are copied
    size_t snapshot_bytes;
    const char* keys_file; // either a file of lines "sweepgate-signing-public <64 hex digits>"
    const uint8_t* keys;   // or Ed25519 public keys, 32 bytes each; one must have signed it
    size_t key_count;
    // Since 0.2. Seconds since 1970, or 0 for now: schedules of the policy that are in force then,
    // by this machine's time zone, are judged by. A loaded filter does not follow the clock: load
    // again when another set is due, see sgf_description.
    int64_t schedules_at;
};
#define SGF_SOURCE_INIT                                                                            \
    { sizeof(struct sgf_source), NULL, NULL, 0, NULL, NULL, 0, 0 }

// Enough for every error text; a shorter buffer gets the beginning. Always ends with NUL.
#define SGF_ERROR_BYTES 512

struct sgf_filter;

// Milliseconds for 100,000 prefixes. An expired snapshot loads: old policy is better than none;
// sgf_describe() tells.
//   filter  on success what the caller owns from here on; else NULL
//   error   on failure what is wrong, naming the file and the value; NULL when not wanted
//   returns SGF_OK or another sgf_status
int sgf_load(const struct sgf_source* source, struct sgf_filter** filter, char* error,
             size_t error_bytes);

// NULL is harmless.
void sgf_free(struct sgf_filter* filter);

struct sgf_description {
    size_t size;         // in: sizeof(struct sgf_description); out: bytes filled in
    uint64_t generation; // number of the published snapshot, strictly rising
    uint8_t digest[32];  // BLAKE2b-256 of its content; equal content has equal digests
    int64_t expires_at;  // seconds since 1970; behind it keep enforcing and raise an alarm
    uint64_t bytes;      // memory of the lookup tables
    uint32_t systems;    // indexes of systems are below this
    uint32_t reserved;   // 0
    // Since 0.2. When other schedules come into force, seconds since 1970; 0: never. A change of
    // summer time is not foreseen: whoever wants to be exact then loads again every hour too.
    int64_t schedules_until;
};

// Fills in as much of `description` as the caller has room for.
int sgf_describe(const struct sgf_filter* filter, struct sgf_description* description);

// "irc" and "Internet Relay Chat"; NULL when there is no system of that index. An index means
// something for its own filter only; ids stay the same from one snapshot to the next.
const char* sgf_system_id(const struct sgf_filter* filter, uint16_t system);
const char* sgf_system_name(const struct sgf_filter* filter, uint16_t system);

// Since 0.2. Packets a second that policy lets pass of a system under SGF_LIMIT, of all clients
// together; as many may come at once. 0 when nothing limits it, or for an unknown index.
uint32_t sgf_system_rate(const struct sgf_filter* filter, uint16_t system);

// ---- Judging ----------------------------------------------------------------------------------

// Those below SGF_FIRST_STOPPED pass. More may come, on both sides of the border.
enum sgf_verdict {
    SGF_PASS = 0,           // neither end is listed, or the action is pass
    SGF_PASS_ALLOWED = 1,   // an end is allowed
    SGF_PASS_NOT_IP = 2,    // ARP, LLDP, ...: never touched
    SGF_PASS_MALFORMED = 3, // broken IP header, and SGF_PASS_BROKEN was asked for
    SGF_PASS_UNJUDGED = 4,  // no filter, and SGF_PASS_WITHOUT_FILTER was asked for
    SGF_MONITOR = 5,        // passes and is counted for its system
    // Since 0.2. Passes within sgf_system_rate() packets a second of its system. The library keeps
    // no state: whoever judges meters, and where the rate is used up makes it SGF_DROP_LIMITED.
    SGF_LIMIT = 6,
    SGF_FIRST_STOPPED = 16,
    SGF_DROP = 16,           // in silence
    SGF_REJECT = 17,         // not forwarded; policy wants the sender to be told
    SGF_DROP_MALFORMED = 18, // broken IP header
    SGF_DROP_UNJUDGED = 19,  // no filter, or more packets than a burst holds
    SGF_DROP_LIMITED = 20    // since 0.2: the caller's; the library never says it
};
#define SGF_VERDICT_ROOM 32U // every verdict is below

// What to do where policy is silent; or'ed. 0 is the safe choice. Bits that the library does not
// know change nothing.
#define SGF_PASS_BROKEN 1U         // packets with a broken IP header pass
#define SGF_PASS_WITHOUT_FILTER 2U // IP packets pass as long as `filter` is NULL

#define SGF_NO_SYSTEM 0xFFFFU

struct sgf_judgement {
    uint8_t verdict;  // enum sgf_verdict
    uint8_t reserved; // 0
    uint16_t system; // whose counter it is, for monitor, limit, reject and drop; else SGF_NO_SYSTEM
};

// A packet by pointer: Ethernet II or 802.1Q, without the frame check sequence.
struct sgf_frame {
    const uint8_t* bytes; // any alignment; not a byte outside of them is read
    uint32_t length;      // bytes that lie there
    uint32_t wire_length; // bytes of the whole packet: more when the rest lies elsewhere
};

#define SGF_MAX_BURST 64U

// Judges a burst. Both directions of a connection are judged alike; no state is kept of any.
//   filter      NULL while none is loaded: what is not IP passes, IP is SGF_DROP_UNJUDGED or
//               SGF_PASS_UNJUDGED
//   behaviour   SGF_PASS_... or 0
//   count       at most SGF_MAX_BURST; of a longer burst every packet is SGF_DROP_UNJUDGED
//   judgements  room for `count`
//   returns     the hits: bit i is set when packet i has another verdict than SGF_PASS. Only
//               then is judgements[i] written.
uint64_t sgf_judge_frames(const struct sgf_filter* filter, uint32_t behaviour,
                          const struct sgf_frame* frames, size_t count,
                          struct sgf_judgement* judgements);

// The same of DPDK's buffers. Headers may lie across the segments of a chain. Nothing is written to
// a buffer, and only buf_addr, data_off, data_len, pkt_len and next are read, as DPDK 22.11 (ABI
// 23) lays them out; later ABIs have kept these places so far.
struct rte_mbuf;
uint64_t sgf_judge_mbufs(const struct sgf_filter* filter, uint32_t behaviour,
                         struct rte_mbuf* const* mbufs, size_t count,
                         struct sgf_judgement* judgements);

// 1 when such a packet is to be forwarded, else 0.
static inline int sgf_passes(uint8_t verdict) { return verdict < SGF_FIRST_STOPPED; }

// "pass", "drop_malformed", ...; "unknown" for any other number.
const char* sgf_verdict_name(uint8_t verdict);

// ---- Counting ---------------------------------------------------------------------------------

// Packets of one system.
struct sgf_system_counters {
    uint64_t dropped; // SGF_DROP_LIMITED too
    uint64_t rejected;
    uint64_t monitored; // SGF_LIMIT too
};

// Since 0.3. Of those, the packets of one system that a rate decided about; see SGF_LIMIT.
struct sgf_rate_counters {
    uint64_t within; // passed: of `monitored`
    uint64_t over;   // stopped: of `dropped`
};

// The caller's memory, zeroed by the caller; one for each thread that judges. Any other thread
// may read the numbers at any time and is at most a burst late.
struct sgf_counters {
    size_t size; // sizeof(struct sgf_counters)
    uint64_t packets;
    uint64_t verdicts[SGF_VERDICT_ROOM];
    struct sgf_system_counters* systems; // [system]; NULL when not wanted
    size_t system_count;                 // those beyond are not counted
    struct sgf_rate_counters* rates;     // since 0.3: [system], as `systems`; NULL when not wanted
};

// Adds a burst that was judged. Returns SGF_OK or SGF_BAD_ARGUMENT.
int sgf_count(struct sgf_counters* counters, uint64_t hits, const struct sgf_judgement* judgements,
              size_t count);

#ifdef __cplusplus
}
#endif

#endif
