/// A random number generator that gives the same numbers for the same seed.
///
/// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>. Tests take seeds as arguments, so that a
/// failure names the one that found it.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Creates a generator.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// True in one of so many cases.
    public mutating func oneIn(_ count: Int) -> Bool { number(0...count - 1) == 0 }

    /// A number of a range.
    public mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    /// One of several values; there has to be one.
    public mutating func any<Value>(_ values: [Value]) -> Value {
        values[number(0...values.count - 1)]
    }
}
