// SPDX-License-Identifier: Apache-2.0
// A writer killed at any moment, and a disk that fills up: the state is the old or the new one.
#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/book/fixture.hpp"

using namespace sweepgate;
using namespace sweepgate::booktest;

namespace {

constexpr std::size_t kPerSweep = 200;

/// Sweep n sees kPerSweep addresses that belong to it alone.
Observation sweep(std::uint32_t n) {
    Observation seen{{"aim", "login.example.com", Role::server},
                     Family::ipv4,
                     NameOutcome::answered,
                     "192.0.2.53",
                     {},
                     {},
                     60,
                     at(n)};
    for (std::uint32_t i = 0; i < kPerSweep; ++i) seen.addresses.push_back(ipv4((n << 8U) | i));
    return seen;
}

BookOptions roomy() { return {std::chrono::hours{24}, 3, 1, 10'000'000, 8, 100}; }

/// Writes sweeps from `first` on and reports each one that is committed through `pipe`.
[[noreturn]] void write_until_killed(const std::filesystem::path& path, std::uint32_t first,
                                     int pipe) {
    auto book = Book::open(path, roomy());
    if (!book) _exit(2);
    for (auto n = first;; ++n) {
        if (!book->record(std::vector{sweep(n)})) _exit(3);
        if (::write(pipe, &n, sizeof n) != sizeof n) _exit(4);
    }
}

/// Lets a writer commit for a while, kills it, and returns the last sweep it reported.
std::uint32_t killed_writer(const std::filesystem::path& path, std::uint32_t first,
                            useconds_t after_microseconds) {
    int ends[2];
    if (::pipe(ends) != 0) FAIL("pipe");
    const auto child = ::fork();
    if (child == 0) write_until_killed(path, first, ends[1]);
    ::close(ends[1]);
    std::uint32_t last = first - 1;
    if (::read(ends[0], &last, sizeof last) != sizeof last) FAIL("the writer wrote nothing");
    ::usleep(after_microseconds);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &last, sizeof last) == sizeof last) continue;
    ::close(ends[0]);
    return last;
}

/// Runs `body` in a child whose /mnt is a file system of `size`; its exit status, or -1.
template <typename Body>
int on_small_disk(const std::filesystem::path& mount_point, const char* size, Body body) {
    const auto child = ::fork();
    if (child == 0) {
        const int spaces = ::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;
        if (::unshare(spaces) != 0 ||
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, size) != 0)
            _exit(100);
        _exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Fills the disk; 0 when the error was clear and everything committed before it is still there.
int fill(const std::filesystem::path& path) {
    auto book = Book::open(path, roomy());
    if (!book) return 1;
    std::uint32_t n = 0;
    std::string words;
    while (words.empty() && n < 100'000) {
        const auto outcome = book->record(std::vector{sweep(n)});
        if (outcome)
            ++n;
        else
            words = outcome.error().what;
    }
    if (n == 0) return 2;
    if (words != path.string() + ": database or disk is full") return 3;
    const auto expected = n * kPerSweep;
    if (book->in_force(at(0))->size() != expected) return 4; // the open book goes on reading
    book = Book::open(path.parent_path() / "other.db", roomy());
    if (book) return 5; // no room for a second one
    book = Book::open(path, roomy());
    return book && book->in_force(at(0))->size() == expected ? 0 : 6;
}

} // namespace

TEST_GROUP(PowerLoss) { Folder folder; };

TEST(PowerLoss, LeavesWholeSweepsOnly) {
    std::uint32_t next = 1;
    for (unsigned round = 0; round < 25; ++round) {
        const auto last = killed_writer(folder.book(), next, 500 + 700 * round);
        auto book = opened(folder.book(), roomy());
        const auto entries = book.in_force(at(0));
        CHECK_EQUAL(0U, entries->size() % kPerSweep);
        const auto sweeps = static_cast<std::uint32_t>(entries->size() / kPerSweep);
        // Everything reported is there; one more may have been committed without a report.
        CHECK_TRUE(sweeps == last || sweeps == last + 1);
        next = sweeps + 1;
    }
    CHECK_TRUE(next > 25);
}

TEST(PowerLoss, OfAFullDiskIsAClearErrorAndLosesNothing) {
    CHECK_EQUAL(0, on_small_disk(folder.path(), "size=1m", [&] { return fill(folder.book()); }));
}
