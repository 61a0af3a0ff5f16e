// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/dns/measured.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sweepgate::test {

namespace {

constexpr unsigned kAnswersASample = 512;

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

unsigned long allocated() {
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

// A peer that reads addresses only is right when these are.
std::string difference(Checks checks, const Truth& truth, Answer answer) {
    if (checks == Checks::addresses) {
        answer.chain = truth.chain;
        answer.ttl = truth.ttl;
    }
    return difference(truth, answer);
}

void sweep_into(Measured& measured, const Zone& zone, Checks checks, const Sweeping& sweeping) {
    const auto allocated_before = allocated();
    const auto began = std::chrono::steady_clock::now();
    const auto cpu_before = cpu_seconds();
    measured.sent = sweeping([&](const Answer& answer) {
        ++measured.answers;
        if (answer.outcome == Outcome::timeout) ++measured.timeouts;
        if (checks == Checks::none) return;
        if (measured.answers % kAnswersASample == 0)
            measured.peak_bytes = std::max(measured.peak_bytes, allocated() - allocated_before);
        const auto wrong = difference(checks, *zone.find(answer.question.name), answer);
        if (!wrong.empty() && ++measured.wrong <= 3)
            std::fprintf(stderr, "%s: %s\n", answer.question.name.c_str(), wrong.c_str());
    });
    measured.cpu_s = cpu_seconds() - cpu_before;
    measured.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

} // namespace

Measured measure(const Zone& zone, Checks checks, const Sweeping& sweeping) {
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
