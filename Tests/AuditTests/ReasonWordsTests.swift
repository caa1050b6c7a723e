import Audit
import Domain
import Testing

@Suite("Words for reasons")
struct ReasonWordsTests {
    /// Codes of what was done, or is as it should be: nothing is to be done about them.
    static let settled: Set<Reason> = [
        .noOpinion, .inSync, .agreed, .alreadyGone, .firstClaim, .sourceChanged, .filled,
        .newerSource, .refillNewer, .bookingOverPreExisting, .driftCorrected, .conflictEnforced,
        .recordCreated, .madeAgain, .bookingCancelled, .ownerGuardPassed, .hostOwnsAccount,
        .superseded,
        .rejected, .booked, .erased, .confirmedLate, .replayOverwrites, .undone, .driftReverted,
        .driftAdopted,
    ]

    @Test("say in a sentence what every code means", arguments: Reason.allCases)
    func meaning(reason: Reason) {
        let words = reason.words
        #expect(words.meaning.first?.isUppercase == true)
        #expect(words.meaning.hasSuffix("."))
        #expect(words.meaning.split(separator: " ").count > 3, "words, not the code again")
    }

    @Test("name a next step for everything that is held", arguments: Reason.allCases)
    func nextStep(reason: Reason) {
        let step = reason.words.nextStep
        #expect((step == nil) == Self.settled.contains(reason))
        #expect(step?.hasSuffix(".") != false)
    }

    @Test("are different for different codes")
    func distinct() {
        let meanings = Set(Reason.allCases.map(\.words.meaning))
        #expect(meanings.count == Reason.allCases.count)
    }
}
