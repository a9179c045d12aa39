// Which weirds are written: the rules of Zeek's weird policy.
#pragma once

#include "reduction.h"
#include "sensor/record/weird.h"

namespace sensor {

/// What becomes of a weird, by its name.
enum class WeirdAction : uint8_t { Ignore, Log, LogPerConnection, LogPerOriginator, NoticePerOriginator };
WeirdAction weird_action(std::string_view name);

/// In this order:
///   action     some names are ignored, some are written once a day per connection or originator
///   sampling   after kThreshold of one name and scope instance, only every kRate-th passes until kSamplingNs have gone by
///   repeats    the same name and endpoints is not written again for kRepeatNs, except for bad checksums
class WeirdReduction final : public Reduction {
 public:
  static constexpr uint64_t kThreshold = 25, kRate = 1000;
  static constexpr DurationNs kSamplingNs = 10 * kMinute, kRepeatNs = 10 * kMinute, kOnceNs = 24 * 60 * kMinute;
  static constexpr size_t kCapacity = 100'000;

  explicit WeirdReduction(const LogInfo& log);
  bool keep(TimeNs due_ns, std::span<Cell> cells) override;

 private:
  /// How often one name was seen in one scope instance, and since when it counts (or is sampled).
  struct Sample {
    uint64_t count = 0;
    TimeNs since_ns = 0;
  };

  bool passes_sampling(WeirdScope scope, const Fingerprint& instance, TimeNs now);
  Fingerprint once_key(WeirdAction action, Fingerprint name, WeirdScope scope, std::span<const Cell> cells) const;
  Fingerprint with_endpoints(Fingerprint key, WeirdScope scope, std::span<const Cell> cells) const;

  size_t uid_, orig_h_, orig_p_, resp_h_, resp_p_, name_, addl_, notice_, scope_;
  FlatMap<Fingerprint, Sample, Fingerprint::Hash> samples_;
  ExpiringSet repeats_{kRepeatNs, kCapacity};
  ExpiringSet logged_{kOnceNs, kCapacity};
  ExpiringSet noticed_{kOnceNs, kCapacity};
};

}  // namespace sensor
