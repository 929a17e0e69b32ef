/// Guesses which word was meant by a mistyped one.
enum NearestName {
    /// The candidate that the fewest changes lead to; nil when none is near: a third of its letters may be wrong at the most.
    static func nearest(to name: String, among candidates: [String]) -> String? {
        let distances = candidates.map { (name: $0, distance: distance(name.lowercased(), $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.count / 3) ? best.name : nil
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
