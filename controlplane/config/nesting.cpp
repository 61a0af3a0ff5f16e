// SPDX-License-Identifier: Apache-2.0
#include "controlplane/config/nesting.hpp"

#include <string>

namespace sweepgate::config {

namespace {

/// Walks over the text and forgets whatever is no dotted key: comments, strings, arrays.
class Walk {
public:
    explicit Walk(std::string_view text) : text_(text) {}

    std::optional<Place> find() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#')
                skip_comment();
            else if (c == '"' || c == '\'')
                skip_string(c);
            else if (c == '.')
                count_dot();
            else
                pass(c);
            if (dots_ >= kMostDottedParts) return first_;
        }
        return std::nullopt;
    }

private:
    void step() {
        const auto byte = static_cast<unsigned char>(text_[at_++]);
        if (byte == '\n') {
            place_ = {place_.line + 1, 1};
            dots_ = 0;
        } else if ((byte & 0xC0U) != 0x80U) {
            ++place_.column;
        }
    }

    void skip_comment() {
        while (at_ < text_.size() && text_[at_] != '\n') step();
    }

    [[nodiscard]] bool starts(std::string_view what) const {
        return text_.substr(at_).starts_with(what);
    }

    void skip_string(char quote) {
        const std::string triple(3, quote);
        const bool many = starts(triple);
        for (int i = 0; i < (many ? 3 : 1); ++i) step();
        while (at_ < text_.size()) {
            if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                text_[at_ + 1] != '\n')
                step();
            else if (!many && text_[at_] == '\n')
                return; // not closed on its line: the parser refuses it here
            else if (many ? starts(triple) : text_[at_] == quote)
                return end_string(quote, many);
            step();
        }
    }

    /// Up to two quotes may stand before the three that end a string of many lines.
    void end_string(char quote, bool many) {
        for (int i = 0; i < (many ? 5 : 1) && at_ < text_.size() && text_[at_] == quote; ++i)
            step();
    }

    void count_dot() {
        if (dots_++ == 0) first_ = place_;
        step();
    }

    void pass(char c) {
        constexpr std::string_view kEndsKey = "=,[]{}\r";
        if (kEndsKey.find(c) != std::string_view::npos) dots_ = 0;
        step();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Place place_;
    Place first_; // dot of the key under way
    unsigned dots_ = 0;
};

} // namespace

std::optional<Place> too_many_parts(std::string_view text) { return Walk(text).find(); }

} // namespace sweepgate::config
