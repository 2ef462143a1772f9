//! Who may have what done. Decided by what the platform and the host say about who asks, never by what a message says.

use crate::message::Place;
use crate::step::ToolCaller;

/// Who asked the agent, as the platform or the host tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person that the agent belongs to, by the platform's word.
    Owner,
    /// The person that the gateway belongs to, by the host's word, from outside of this platform.
    Operator,
    /// Anybody else.
    Person,
    /// Another agent.
    Agent,
    /// Nobody that is known: something that the host does by itself.
    Nobody,
}

impl Who {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Owner => "the owner",
            Self::Operator => "the gateway's operator",
            Self::Person => "a person",
            Self::Agent => "an agent",
            Self::Nobody => "nobody",
        }
    }
}

/// Who asked, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub who: Who,
    /// Whether nobody else reads the answer.
    pub private: bool,
    /// The place on this platform, if it was one.
    pub place: Option<Place>,
}

impl Standing {
    /// Of whom the platform knows nothing: a command line, a schedule, another channel.
    #[must_use]
    pub fn outside(caller: &ToolCaller, place: Option<Place>) -> Self {
        let who = if caller.operator { Who::Operator } else { Who::Nobody };
        Self { who, private: caller.operator && !caller.is_shared(), place }
    }

    fn is_trusted(&self) -> bool {
        matches!(self.who, Who::Owner | Who::Operator)
    }
}

/// Whose right an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Everybody's.
    Anyone,
    /// Everybody's whose group it is about; elsewhere the owner's.
    Members,
    /// Everybody's about the place where it was asked; elsewhere the owner's.
    Here,
    /// The same, and everybody may have the owner asked.
    Write,
    /// Everybody's about what was said where they ask; elsewhere the owner's, where nobody else listens.
    Correct,
    /// The owner's, where nobody else listens. In a shared place others' words are in the same prompt.
    Owner,
}

/// Where an action goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To no place of its own.
    Nowhere,
    /// To the place where it was asked, or to its group.
    Here,
    /// To a group that whoever asks in private is in as well, by the server's word.
    Joined,
    /// To the owner's own conversation with the agent.
    Owners,
    /// To another conversation of two.
    Private,
    /// To another place that many read.
    Shared,
}

/// Whether it may be done.
///
/// # Errors
/// The sentence for the model.
pub fn judge(right: Right, standing: &Standing, reach: Reach) -> Result<(), String> {
    let (trusted, private) = (standing.is_trusted(), standing.private);
    let allowed = match right {
        Right::Anyone => true,
        Right::Members => trusted || matches!(reach, Reach::Here | Reach::Joined),
        Right::Write if reach == Reach::Owners => true,
        Right::Here | Right::Write => match reach {
            Reach::Here => true,
            Reach::Joined => trusted || right == Right::Here,
            Reach::Nowhere | Reach::Shared => trusted,
            // What two have said to each other is not told where others read it.
            Reach::Owners | Reach::Private => trusted && private,
        },
        Right::Correct => reach == Reach::Here || (trusted && private),
        Right::Owner => trusted && private,
    };
    if allowed {
        return Ok(());
    }
    let place = if private { "in a direct conversation" } else { "where others read along" };
    let rule = if right == Right::Owner {
        "only the agent's owner may have this done, in a direct conversation with the agent"
    } else if trusted && right == Right::Correct {
        "what was said elsewhere is changed for the agent's owner only in a direct conversation with the agent"
    } else if trusted {
        "a conversation of two is not touched from where others read along"
    } else {
        "outside of the conversation where it was asked, only the agent's owner may have this done"
    };
    Err(["not allowed: ", rule, ". ", standing.who.words(), " asked, ", place, ". Say so, or ask the owner."].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(who: Who, private: bool, right: Right, reach: Reach) -> bool {
        judge(right, &Standing { who, private, place: None }, reach).is_ok()
    }

    #[test]
    fn what_changes_things_is_the_owners_and_only_in_private() {
        for (who, private, allowed) in [
            (Who::Owner, true, true),
            (Who::Owner, false, false),
            (Who::Operator, true, true),
            (Who::Operator, false, false),
            (Who::Person, true, false),
            (Who::Agent, true, false),
            (Who::Nobody, true, false),
        ] {
            assert_eq!(may(who, private, Right::Owner, Reach::Nowhere), allowed, "{who:?} {private}");
        }
    }

    #[test]
    fn a_person_reaches_the_place_of_the_question_and_the_owner_and_nothing_else() {
        for right in [Right::Here, Right::Write] {
            assert!(may(Who::Person, false, right, Reach::Here));
            assert!(!may(Who::Person, true, right, Reach::Private));
            assert!(!may(Who::Person, true, right, Reach::Shared));
        }
        assert!(may(Who::Person, false, Right::Write, Reach::Owners));
        assert!(!may(Who::Person, true, Right::Here, Reach::Owners));
    }

    #[test]
    fn what_the_agent_said_is_corrected_where_it_was_said_or_for_the_owner_in_private() {
        for reach in [Reach::Joined, Reach::Owners, Reach::Private, Reach::Shared] {
            assert!(!may(Who::Person, true, Right::Correct, reach), "{reach:?}");
            assert!(!may(Who::Owner, false, Right::Correct, reach), "{reach:?}");
            assert!(may(Who::Owner, true, Right::Correct, reach), "{reach:?}");
        }
        assert!(may(Who::Person, false, Right::Correct, Reach::Here));
    }

    #[test]
    fn who_is_in_a_group_may_have_it_read_and_not_written_to() {
        for (right, allowed) in
            [(Right::Members, true), (Right::Here, true), (Right::Write, false), (Right::Owner, false)]
        {
            assert_eq!(may(Who::Person, true, right, Reach::Joined), allowed, "{right:?}");
        }
    }

    #[test]
    fn what_two_have_said_is_not_told_where_others_read() {
        assert!(may(Who::Owner, true, Right::Here, Reach::Private));
        assert!(!may(Who::Owner, false, Right::Here, Reach::Private));
        assert!(may(Who::Owner, false, Right::Here, Reach::Shared));
    }
}
