import Domain

/// What was known at any moment of a world, as the naive model reads it.
///
/// Whether an erasure or other settings came before something that was done between the same two
/// facts is not remembered: then the moment has several states, of which one is right.
final class Knowledge {
    /// The model of all that was known at some moment.
    final class State {
        let model: NaiveModel
        private(set) lazy var meetings = model.meetings
        private(set) lazy var required = model.requiredPeople

        fileprivate init(_ model: NaiveModel) { self.model = model }
    }

    /// How much was known: of facts, of settings, and of erasures.
    private struct Extent: Hashable {
        var facts: Int
        var settings: Int
        var erased: Int
    }

    private let told: [Told]
    private let settings: [Accepted]
    private let erased: [Erased]
    private var states: [Extent: State] = [:]

    init(_ told: [Told], _ settings: [Accepted], _ erased: [Erased]) {
        (self.told, self.settings, self.erased) = (told, settings, erased)
    }

    /// What may have been known when something was done.
    ///
    /// - Parameters:
    ///   - moment: When it was done.
    ///   - begun: From when on Daybook may have decided it, where that was earlier.
    /// - Returns: One state or more.
    func states(at moment: Instant, since begun: Instant? = nil) -> [State] {
        let (first, last) = (count(begun ?? moment), count(moment))
        return (min(first, last)...last).flatMap { extents($0).map(state) }
    }

    private func count(_ moment: Instant) -> Int { told.count { $0.acknowledged <= moment } }

    private func extents(_ facts: Int) -> [Extent] {
        let settings = settings.count { $0.after < facts }...settings.count { $0.after <= facts }
        let erased = erased.count { $0.after < facts }...erased.count { $0.after <= facts }
        return settings.flatMap { settings in
            erased.map { Extent(facts: facts, settings: settings, erased: $0) }
        }
    }

    private func state(_ extent: Extent) -> State {
        if let known = states[extent] { return known }
        let model = NaiveModel(
            Array(told.prefix(extent.facts)),
            Array(settings.prefix(extent.settings)),
            Array(erased.prefix(extent.erased))
        )
        let state = State(model)
        states[extent] = state
        return state
    }
}
