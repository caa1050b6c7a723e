import Domain

/// Reads the answers to a routing form.
///
/// Answers stand under the field's identifier or, where it has none, its label.
///
/// Source: `facts/calcom.md` 1.6.
struct FormReader {
    let content: JSON

    func submission() throws(UnusablePart) -> FormSubmission {
        guard let form = content.filledText("formId") ?? content["form"]?.filledText("id") else {
            throw UnusablePart(reason: "the form has no id")
        }
        return FormSubmission(
            form: form,
            name: content.filledText("formName") ?? content["form"]?.filledText("name"),
            response: content.whole("responseId"),
            answers: Dictionary(answers, uniquingKeysWith: { _, last in last }),
            submitter: submitter
        )
    }

    private var answers: [(String, Answer)] {
        (content["responses"]?.members ?? []).compactMap { member in
            AnswerReader.answer(toField: member.value).map { (member.name, $0) }
        }
    }

    /// The first answer that is an address, in the order of the form.
    private var submitter: Party? {
        for case (_, .text(let text)) in answers {
            if let email = EmailAddress(text) { return Party(email: email) }
        }
        return nil
    }
}
