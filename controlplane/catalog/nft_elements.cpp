// SPDX-License-Identifier: Apache-2.0
// Elements of nftables sets, in whatever a person saved: `nft list ruleset`, `nft list set`, a
// script of `add element`, a file of elements alone. Only braces that open behind '=' or on a line
// with "element" hold elements; those of tables, sets and chains do not.
#include <algorithm>

#include "controlplane/catalog/list_lines.hpp"

namespace sweepgate {

namespace {

class Scanner {
public:
    explicit Scanner(std::string_view text)
        : text_(text), whole_(text.find('{') == std::string_view::npos) {}

    std::vector<NftElement> scan() {
        for (std::size_t at = 0; at < text_.size(); ++at) {
            const char c = text_[at];
            if (c == '"') { // a comment's text may hold any mark
                at = std::min(text_.find('"', at + 1), text_.size());
            } else if (c == '#') {
                end_element(at);
                at = std::min(text_.find('\n', at), text_.size());
                begin_line(at);
            } else if (c == '\n') {
                if (whole_) end_element(at);
                begin_line(at);
            } else if (c == '{') {
                inside_ = holds_elements(at);
                begin_ = at + 1;
            } else if (c == '}') {
                end_element(at);
                inside_ = false;
            } else if (c == ',') {
                end_element(at);
            }
        }
        end_element(text_.size());
        return std::move(found_);
    }

private:
    void begin_line(std::size_t at) {
        ++line_;
        line_begin_ = at + 1;
        if (whole_) begin_ = at + 1;
    }

    [[nodiscard]] bool holds_elements(std::size_t brace) const {
        const auto before = trim(text_.substr(line_begin_, brace - line_begin_));
        return before.ends_with('=') || before.find("element") != std::string_view::npos;
    }

    void end_element(std::size_t at) {
        if (inside_ || whole_) {
            auto text = text_.substr(std::min(begin_, at), at - std::min(begin_, at));
            const auto first = text.find_first_not_of(" \t\r\n");
            if (first != std::string_view::npos) {
                text.remove_prefix(first);
                found_.push_back({key_of(text), line_});
            }
        }
        begin_ = at + 1;
    }

    /// Without "timeout 1h", "counter packets 0" and the like: a key has no space, but that of a
    /// range may.
    static std::string_view key_of(std::string_view text) {
        const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
        const auto rest = trim(text.substr(end));
        const bool goes_on = rest.starts_with('-') || rest.starts_with('.'); // range, concatenation
        return goes_on ? trim(text) : text.substr(0, end);
    }

    std::string_view text_;
    bool whole_; // no braces: all of it are elements
    bool inside_ = false;
    unsigned line_ = 1;
    std::size_t line_begin_ = 0;
    std::size_t begin_ = 0;
    std::vector<NftElement> found_;
};

} // namespace

std::vector<NftElement> nft_elements(std::string_view text) { return Scanner(text).scan(); }

} // namespace sweepgate
