//===- base/InOrder.h - Work ahead, results in order ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A long list of items that are made independently of each other and used one
// after the other: other threads make the next ones while the caller uses what
// is there. What comes out does not depend on the number of threads.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_INORDER_H
#define HILLOCK_BASE_INORDER_H

#include "base/Error.h"
#include "base/Parallel.h"
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace hillock {

template <typename T> class InOrder {
public:
  /// \p make: Expected<T>(size_t item), called from several threads at once, 0
  /// threads: all of the machine. \p use: Error(size_t item, T), called in
  /// order. Neither may throw. The first error in order is returned.
  template <typename Make, typename Use>
  static Error run(size_t count, unsigned threads, const Make &make,
                   const Use &use) {
    if (threads == 0)
      threads = defaultThreads();
    threads = static_cast<unsigned>(std::min<size_t>(threads, count));
    InOrder list(count, threads, 2 * threads);
    return list.all(make, use, [](const T &) { return false; });
  }
  /// The same for a list whose length shows while it is made: it ends before
  /// the first T that is false. \p make may be asked for items behind that.
  /// \p most: items at a time, the one in use included.
  template <typename Make, typename Use>
  static Error runToEmpty(unsigned threads, size_t most, const Make &make,
                          const Use &use) {
    InOrder list(SIZE_MAX, threads == 0 ? defaultThreads() : threads, most);
    return list.all(make, use, [](const T &item) { return !item; });
  }

private:
  InOrder(size_t count, size_t threads, size_t most)
      : count(count), threads(threads), slots(std::max<size_t>(most, 1)) {}

  template <typename Make, typename Use, typename IsEnd>
  Error all(const Make &make, const Use &use, const IsEnd &isEnd) {
    start(make);
    Error error = consume(make, use, isEnd);
    stop();
    return error;
  }
  template <typename Make> void start(const Make &make) {
    try {
      for (size_t t = 1; t < threads; ++t)
        workers.emplace_back([this, &make] { work(make); });
    } catch (const std::system_error &) {
      // Out of threads: the caller does what is left.
    }
  }
  template <typename Make> void work(const Make &make) {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return stopped || canMake(); });
      if (stopped || !makeOne(lock, make))
        return;
    }
  }
  bool canMake() const { return begun == count || begun < used + slots.size(); }
  /// False when all are begun.
  template <typename Make>
  bool makeOne(std::unique_lock<std::mutex> &lock, const Make &make) {
    if (begun == count)
      return false;
    const size_t item = begun++;
    lock.unlock();
    Expected<T> made = make(item);
    lock.lock();
    slots[item % slots.size()].emplace(std::move(made));
    changed.notify_all();
    return true;
  }
  template <typename Make, typename Use, typename IsEnd>
  Error consume(const Make &make, const Use &use, const IsEnd &isEnd) {
    std::unique_lock lock(mutex);
    for (size_t item = 0; item < count; ++item) {
      std::optional<Expected<T>> &slot = slots[item % slots.size()];
      while (!slot)
        if (!(begun < count && begun < used + slots.size() &&
              makeOne(lock, make)))
          changed.wait(lock);
      Expected<T> made = std::move(*slot);
      slot.reset();
      if (!made)
        return made.takeError();
      if (isEnd(*made))
        return Error::success();
      lock.unlock();
      Error error = use(item, std::move(*made));
      lock.lock();
      if (error)
        return error;
      ++used;
      changed.notify_all();
    }
    return Error::success();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
      changed.notify_all();
    }
    for (std::thread &worker : workers)
      worker.join();
    for (std::optional<Expected<T>> &slot : slots)
      if (slot && !*slot)
        llvm::consumeError(slot->takeError());
  }

  const size_t count, threads;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Expected<T>>> slots; ///< by item, in turns
  size_t begun = 0, used = 0;
  bool stopped = false;
  std::vector<std::thread> workers;
};

} // namespace hillock

#endif // HILLOCK_BASE_INORDER_H
