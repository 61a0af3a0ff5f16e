// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/trust.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::wire {

namespace {

void add(std::vector<VerifyKey>& keys, const VerifyKey& key) {
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

} // namespace

Trust::Trust(std::vector<VerifyKey> fixed) {
    anchor_.keys = std::move(fixed);
    settle();
}

Result<Trust> Trust::open(Files files) {
    Trust trust{std::vector<VerifyKey>{}};
    trust.files_ = std::move(files);
    if (auto ok = trust.read_anchor(); !ok) return tl::unexpected(ok.error());
    if (!trust.files_.list.empty() && std::filesystem::exists(trust.files_.list)) {
        auto text = read_regular_file(trust.files_.list, kMaxTrustBytes);
        auto list = text ? open_trust_list(*text, trust.anchor_)
                         : Result<TrustList>(tl::unexpected(text.error()));
        if (list) {
            trust.list_ = std::move(*list);
            trust.text_ = std::move(*text);
        } else {
            trust.list_fault_ = trust.files_.list.string() + ": " + list.error().what;
        }
    }
    trust.settle();
    return trust;
}

Trust::Stamp Trust::stamp_of(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return {};
    return {status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

Status Trust::read_anchor() {
    stamp_ = stamp_of(files_.keys); // before: what changes meanwhile is read next time
    auto anchor = load_trusted_keys(files_.keys, files_.copy);
    if (!anchor) return tl::unexpected(anchor.error());
    anchor_ = std::move(*anchor);
    return {};
}

bool Trust::look() {
    if (files_.keys.empty() || stamp_of(files_.keys) == stamp_) return false;
    const auto before = keys_;
    if (auto ok = read_anchor(); !ok) {
        anchor_.faults = {ok.error().what};
    } else if (list_) {
        // Whoever edits the file on the box stands above every list.
        if (auto still = open_trust_list(text_, anchor_); !still) {
            list_fault_ = still.error().what;
            list_.reset();
            text_.clear();
        }
    }
    settle();
    return keys_ != before;
}

Result<bool> Trust::take(std::string text) {
    auto list = open_trust_list(text, anchor_);
    if (!list) return tl::unexpected(list.error());
    if (list->version < version())
        return fail(Errc::conflict, "trust list version " + std::to_string(list->version) +
                                        " is older than the held " + std::to_string(version()));
    if (text == text_) return false;
    if (list->version == version())
        return fail(Errc::conflict, "trust list version " + std::to_string(list->version) +
                                        " came twice with different content");
    list_fault_.clear();
    if (!files_.list.empty())
        if (auto ok = save(files_.list, text); !ok) list_fault_ = "not saved: " + ok.error().what;
    list_ = std::move(*list);
    text_ = std::move(text);
    settle();
    return true;
}

void Trust::settle() {
    keys_.clear();
    for (const auto& key : anchor_.keys) add(keys_, key);
    if (list_) {
        for (const auto& key : list_->signing) add(keys_, key);
        for (const auto& key : list_->retired) std::erase(keys_, key);
    }
    faults_ = anchor_.faults;
    if (!list_fault_.empty()) faults_.push_back(list_fault_);
}

std::vector<VerifyKey> Trust::keys_of_the_past() const {
    auto keys = keys_;
    if (list_)
        for (const auto& key : list_->retired) add(keys, key);
    return keys;
}

} // namespace sweepgate::wire
