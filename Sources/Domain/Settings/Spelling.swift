/// Guesses what somebody meant to write.
enum Spelling {
    /// The word that differs least, if it differs by little; letter case does not count.
    static func nearest(to word: String, among words: [String]) -> String? {
        let limit = max(2, word.count / 3)
        return words.map { ($0, distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.1 <= limit }
            .min { $0.1 < $1.1 }?
            .0
    }

    /// The words in code style, separated by commas.
    static func list(_ words: [String]) -> String {
        words.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// How many letters have to be put in, taken out or changed (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let changed = previous[column] + (letter == other ? 0 : 1)
                current.append(min(changed, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
