//===- emulator/ranks/ThreadTeam.cpp - A team of threads ------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/ranks/Team.h"
#include <barrier>

namespace hillock::emu {

namespace {

/// Letters by sender and receiver, and a barrier around reading them.
struct Post {
  explicit Post(unsigned size)
      : letters(size, std::vector<std::string>(size)), everybody(size) {}
  std::vector<std::vector<std::string>> letters;
  std::barrier<> everybody;
};

class Member final : public Team {
public:
  Member(std::shared_ptr<Post> post, unsigned rank, unsigned size)
      : post(std::move(post)), mine(rank), count(size) {}

  unsigned rank() const override { return mine; }
  unsigned size() const override { return count; }

  Error exchange(const std::vector<std::string> &out,
                 std::vector<std::string> &in) override {
    for (unsigned to = 0; to < count; ++to)
      post->letters[mine][to] = out[to];
    post->everybody.arrive_and_wait();
    in.resize(count);
    for (unsigned from = 0; from < count; ++from)
      in[from] = std::move(post->letters[from][mine]);
    post->everybody.arrive_and_wait();
    return Error::success();
  }

  Error broadcast(std::string &bytes) override {
    if (mine == 0)
      post->letters[0][0] = bytes;
    post->everybody.arrive_and_wait();
    if (mine != 0)
      bytes = post->letters[0][0];
    post->everybody.arrive_and_wait();
    return Error::success();
  }

  Error gather(const std::string &bytes,
               std::vector<std::string> &all) override {
    post->letters[mine][0] = bytes;
    post->everybody.arrive_and_wait();
    all.clear();
    for (unsigned from = 0; from < count && mine == 0; ++from)
      all.push_back(std::move(post->letters[from][0]));
    post->everybody.arrive_and_wait();
    return Error::success();
  }

private:
  std::shared_ptr<Post> post;
  unsigned mine, count;
};

} // namespace

std::vector<std::unique_ptr<Team>> threadTeam(unsigned size) {
  auto post = std::make_shared<Post>(size);
  std::vector<std::unique_ptr<Team>> team;
  for (unsigned rank = 0; rank < size; ++rank)
    team.push_back(std::make_unique<Member>(post, rank, size));
  return team;
}

} // namespace hillock::emu
