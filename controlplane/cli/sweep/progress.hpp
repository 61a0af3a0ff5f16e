// SPDX-License-Identifier: Apache-2.0
// The bar of a long sweep: one line of a terminal, gone when the sweep is over.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>

namespace sweepgate::cli {

/// "[#####.....]  50 %  50,000/100,000  21,030/s  12 failed  3 s left"
[[nodiscard]] std::string progress_line(std::size_t done, std::size_t total, std::size_t failed,
                                        std::chrono::duration<double> elapsed);

class ProgressBar {
public:
    using Clock = std::chrono::steady_clock;

    /// Not shown at all where `terminal` is false, and in the first half second.
    ProgressBar(std::ostream& err, std::size_t total, bool terminal)
        : err_(err), total_(total), terminal_(terminal) {}
    ~ProgressBar() { hide(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// Draws ten times a second at most, so it may be called for every answer.
    void update(std::size_t done, std::size_t failed);
    /// Takes the line off the screen: something else is about to be printed.
    void hide();

private:
    std::ostream& err_;
    std::size_t total_;
    bool terminal_;
    bool visible_ = false;
    Clock::time_point began_ = Clock::now();
    Clock::time_point next_ = began_ + std::chrono::milliseconds(500);
};

} // namespace sweepgate::cli
