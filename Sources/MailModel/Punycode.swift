/// The ASCII form of one label (RFC 3492), without the `xn--`: `bücher` is `bcher-kva`.
enum Punycode {
    private static let base = 36
    private static let tMin = 1
    private static let tMax = 26
    private static let skew = 38
    private static let damp = 700

    /// Nil for a label of more than 63 characters: no domain name has one, and the sums below cannot overflow.
    static func encode(_ label: some Collection<Unicode.Scalar>) -> String? {
        guard label.count <= 63 else { return nil }
        let basic = label.filter(\.isASCII)
        var output = String(String.UnicodeScalarView(basic))
        if !basic.isEmpty { output.append("-") }
        var (next, delta, bias, handled) = (128, 0, 72, basic.count)
        while handled < label.count {
            guard let smallest = label.lazy.map({ Int($0.value) }).filter({ $0 >= next }).min() else { return nil }
            delta += (smallest - next) * (handled + 1)
            next = smallest
            for scalar in label {
                if scalar.value < next { delta += 1 }
                guard scalar.value == next else { continue }
                append(delta, bias, to: &output)
                bias = adapted(delta, handled + 1, isFirst: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return output
    }

    /// A number of variable length (RFC 3492 §3.3).
    private static func append(_ delta: Int, _ bias: Int, to output: inout String) {
        var (rest, weight) = (delta, base)
        while true {
            let threshold = min(max(weight - bias, tMin), tMax)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            weight += base
        }
        output.append(digit(rest))
    }

    /// `a`…`z`, then `0`…`9`.
    private static func digit(_ value: Int) -> Character {
        Character(Unicode.Scalar(UInt8(truncatingIfNeeded: value < 26 ? 0x61 + value : 0x30 + value - 26)))
    }

    /// RFC 3492 §6.1.
    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var weight = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            weight += base
        }
        return weight + (base - tMin + 1) * delta / (delta + skew)
    }
}
