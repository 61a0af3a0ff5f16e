// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/measured.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sweepgate::test {

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Of proc(5)'s status: "VmRSS:", or "VmHWM:", the most since it was reset.
unsigned long resident_bytes(const std::string& field) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (unsigned long kib = 0; word == field && status >> kib) return kib * 1024;
    return 0;
}

void sweep_into(Measured& measured, const Zone& zone, bool checks, const Sweeping& sweeping) {
    std::ofstream("/proc/self/clear_refs") << "5\n"; // resets VmHWM
    const auto resident_before = resident_bytes("VmRSS:");
    const auto began = std::chrono::steady_clock::now();
    const auto cpu_before = cpu_seconds();
    Observer observer(measured, zone, checks);
    measured.checked = checks;
    sweeping(observer);
    measured.cpu_s = cpu_seconds() - cpu_before;
    measured.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    measured.peak_bytes = resident_bytes("VmHWM:") - resident_before;
}

Outcome outcome_of(const RawResult& result) {
    if (!result.answered) return Outcome::timeout;
    if (!result.understood) return Outcome::malformed;
    switch (result.answer.rcode) {
    case 0: return result.answer.addresses.empty() ? Outcome::nodata : Outcome::answered;
    case 2: return Outcome::servfail;
    case 3: return Outcome::nxdomain;
    case 5: return Outcome::refused;
    default: return Outcome::other_rcode;
    }
}

} // namespace

void Observer::take(const Answer& answer) {
    ++measured_.answers;
    if (answer.outcome == Outcome::timeout) ++measured_.timeouts;
    if (checks_) check(answer);
}

void Observer::take(const RawResult& result) {
    ++measured_.answers;
    if (!result.answered) ++measured_.timeouts;
    if (!checks_) return;
    Answer answer;
    answer.question = {result.name, RrType::a};
    answer.outcome = outcome_of(result);
    answer.chain = result.answer.chain;
    for (const auto& text : result.answer.addresses)
        answer.addresses.push_back(parse_address(text).value());
    // It does not read the SOA, where the TTL of a denial is.
    answer.ttl =
        answer.outcome == Outcome::answered ? result.answer.ttl : zone_.find(result.name)->ttl;
    check(answer);
}

void Observer::check(const Answer& answer) {
    const auto wrong = difference(*zone_.find(answer.question.name), answer);
    if (!wrong.empty() && ++measured_.wrong <= 3)
        std::fprintf(stderr, "%s: %s\n", answer.question.name.c_str(), wrong.c_str());
}

Measured measure(const Zone& zone, bool checks, const Sweeping& sweeping) {
    void* const shared =
        mmap(nullptr, sizeof(Measured), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) std::abort();
    auto* const measured = new (shared) Measured;
    const auto child = fork();
    if (child < 0) std::abort();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sweep_into(*measured, zone, checks, sweeping);
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    const auto result = *measured;
    munmap(shared, sizeof(Measured));
    return result;
}

} // namespace sweepgate::test
