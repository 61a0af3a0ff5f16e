// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/last_good.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "controlplane/wire/descriptor.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::wire {

namespace {

Result<Descriptor> open_to_write(const std::filesystem::path& path, std::size_t size) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return system_fault("open", path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_fault("fstat", path);
    if (static_cast<std::size_t>(status.st_size) != size)
        return fail(Errc::conflict, path.string() + ": is not as it was left");
    return file;
}

} // namespace

Status LastGood::keep(std::string_view chain, std::string_view held) {
    if (path_.empty()) return {};
    size_before_ = size_;
    const bool grows =
        size_ != 0 && held.size() == size_ && chain.size() > size_ && chain.starts_with(held);
    if (grows && append(chain.substr(size_))) {
        size_ = chain.size();
        last_ = Last::link;
        return {};
    }
    last_ = Last::nothing;
    size_ = 0; // what is held from here on is not what the file has, unless it is written
    auto ok = save_next(path_, chain);
    if (!ok) return ok;
    size_ = chain.size();
    last_ = Last::whole;
    return {};
}

Status LastGood::append(std::string_view link) {
    const auto file = open_to_write(path_, size_);
    if (!file) return tl::unexpected(file.error());
    auto ok = write_durably(file->get(), link, path_);
    if (!ok && ::ftruncate(file->get(), static_cast<off_t>(size_)) != 0)
        return system_fault("truncate", path_);
    return ok;
}

Status LastGood::take_back() {
    const auto last = std::exchange(last_, Last::nothing);
    if (last == Last::nothing) return {};
    const auto size = std::exchange(size_, size_before_);
    if (last == Last::link) {
        const auto file = open_to_write(path_, size);
        if (!file) return tl::unexpected(file.error());
        if (::ftruncate(file->get(), static_cast<off_t>(size_before_)) != 0)
            return system_fault("truncate", path_);
        if (::fsync(file->get()) != 0) return system_fault("fsync", path_);
        return {};
    }
    return restore_before(path_);
}

} // namespace sweepgate::wire
