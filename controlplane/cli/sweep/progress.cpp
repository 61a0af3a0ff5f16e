// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/progress.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "controlplane/cli/terminal.hpp"

namespace sweepgate::cli {

namespace {

constexpr std::size_t kWidth = 20;
constexpr std::chrono::milliseconds kBetween{100};

} // namespace

std::string progress_line(std::size_t done, std::size_t total, std::size_t failed,
                          std::chrono::duration<double> elapsed) {
    const auto most = std::max<std::size_t>(total, 1);
    const auto filled = std::min(done * kWidth / most, kWidth);
    const auto rate = elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0.0;
    auto line = fmt::format("[{}{}] {:3} %  {}/{}  {}/s", std::string(filled, '#'),
                            std::string(kWidth - filled, '.'),
                            std::min(done * 100 / most, std::size_t{100}), grouped(done),
                            grouped(total), grouped(static_cast<std::size_t>(rate)));
    if (failed > 0) line += fmt::format("  {} failed", grouped(failed));
    if (rate > 0 && done < total)
        line += fmt::format("  {:.0f} s left", static_cast<double>(total - done) / rate);
    return line;
}

void ProgressBar::update(std::size_t done, std::size_t failed) {
    const auto now = Clock::now();
    if (!terminal_ || now < next_) return;
    next_ = now + kBetween;
    err_ << '\r' << progress_line(done, total_, failed, now - began_) << "\x1b[K" << std::flush;
    visible_ = true;
}

void ProgressBar::hide() {
    if (!visible_) return;
    err_ << "\r\x1b[K" << std::flush;
    visible_ = false;
}

} // namespace sweepgate::cli
