/// Guesses which word was meant by a mistyped one.
enum NearestName {
    /// The candidate that the fewest changes lead to; nil when that takes more changes than a third of its letters
    /// (but two are allowed in any word of five letters and more, and one in a shorter one).
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let distances = candidates.map { (name: $0, distance: distance(name.lowercased(), $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(best.name.count < 5 ? 1 : 2, best.name.count / 3) ? best.name : nil
    }

    /// How many letters must be inserted, deleted or changed (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
