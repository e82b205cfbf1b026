"""Everything that is said to players, in English and in French."""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Language(StrEnum):
    """Languages that people can choose."""

    ENGLISH = "en"
    FRENCH = "fr"


_TEXTS: dict[str, tuple[str, str]] = {
    # Progress
    "accepted": ("Fetching your picture …", "Je récupère votre image …"),
    "waiting": ("Waiting: {place} before yours.", "En attente : {place} avant la vôtre."),
    "next": ("Yours is next.", "C'est votre tour."),
    "held": (
        "We are working on the reader until about {until}. Your picture is kept and will be read then: nothing is "
        "left for you to do.",
        "Nous travaillons sur le lecteur jusque vers {until}. Votre image est gardée et sera lue ensuite : vous "
        "n'avez rien à faire.",
    ),
    "held_in_crowd": (
        "Very many pictures are waiting. Yours is kept and will be read {when}: nothing is left for you to do.",
        "Énormément d'images attendent. La vôtre est gardée et sera lue {when} : vous n'avez rien à faire.",
    ),
    "when_it_is_its_turn": ("when its turn comes", "quand viendra son tour"),
    "in_hours_one": ("in about an hour", "dans une heure environ"),
    "in_hours": ("in about {count} hours", "dans {count} heures environ"),
    "decoding": ("Opening the picture …", "J'ouvre l'image …"),
    "reading": ("Reading the card names …", "Je lis les noms des cartes …"),
    "matching": ("Looking the cards up …", "Je cherche les cartes …"),
    "running": ("Reading the picture …", "Je lis l'image …"),
    "of_several": ("{done} of {all} pictures read. {now}", "{done} images lues sur {all}. {now}"),
    # Facts
    "main": ("{count} main", "{count} deck"),
    "side": ("{count} sideboard", "{count} réserve"),
    "commander": ("{count} commander", "{count} commandant"),
    "companion": ("{count} companion", "{count} compagnon"),
    "to_check_one": ("1 line to check", "1 ligne à vérifier"),
    "to_check": ("{count} lines to check", "{count} lignes à vérifier"),
    "verified": ("all lines are certain", "toutes les lignes sont sûres"),
    "not_verified": ("not verified: cards may be missing", "non vérifié : des cartes peuvent manquer"),
    "corrected": ("corrected {count}×", "corrigé {count}×"),
    "from_cache": ("read before", "déjà lue"),
    "doubt": ("❓ {line}", "❓ {line}"),
    "doubt_or": ("❓ {line}, or: {others}", "❓ {line}, ou : {others}"),
    "more_doubts": ("… and {count} more to check.", "… et {count} autres à vérifier."),
    "in_file": (
        "The list is in the file, since it is long.",
        "La liste est dans le fichier, car elle est longue.",
    ),
    "part_unread": ("{name}: {why}", "{name} : {why}"),
    # Buttons
    "copy_as": ("Copy as …", "Copier pour …"),
    "check_lines": ("Lines to check …", "Lignes à vérifier …"),
    "fix": ("Fix a line", "Corriger une ligne"),
    "swap": ("Swap main and sideboard", "Échanger deck et réserve"),
    "merge": ("Merge with another picture", "Joindre une autre image"),
    "show": ("Show picture", "Voir l'image"),
    "delete": ("Delete", "Supprimer"),
    "undo": ("Undo", "Annuler"),
    "retry": ("Try again", "Réessayer"),
    "back": ("Back", "Retour"),
    "more": ("More …", "Suite …"),
    "close": ("Close", "Fermer"),
    "yes_delete": ("Yes, delete it", "Oui, supprimer"),
    "yes_forget": ("Yes, forget me", "Oui, oubliez-moi"),
    "keep": ("No, keep", "Non, garder"),
    # Fixing
    "which_line": ("Which line is to be changed?", "Quelle ligne faut-il changer ?"),
    "add_card": ("Add a card", "Ajouter une carte"),
    "line_now": ("{count} {name} ({section})", "{count} {name} ({section})"),
    "was_read": ("The picture says: {read}", "L'image dit : {read}"),
    "is_right": ("It is right", "C'est juste"),
    "which_card": ("Another card …", "Une autre carte …"),
    "search": ("Search a card", "Chercher une carte"),
    "search_prompt": ("Name of the card, or its beginning", "Nom de la carte, ou son début"),
    "remove_line": ("Remove", "Retirer"),
    "to_section": ("To {section}", "Vers {section}"),
    "nothing_found": ("No card is called anything like “{text}”.", "Aucune carte ne s'appelle « {text} »."),
    "choose_found": ("Which of these?", "Laquelle ?"),
    "changed": ("Changed.", "Modifié."),
    "undone": ("Undone.", "Annulé."),
    "nothing_to_undo": ("There is nothing to undo.", "Il n'y a rien à annuler."),
    "meanwhile": (
        "The deck has changed meanwhile: look at it again.",
        "Le deck a changé entre-temps : regardez-le à nouveau.",
    ),
    "merge_which": ("Merge with which of your decks?", "Joindre lequel de vos decks ?"),
    "merge_none": (
        "You have no other deck here: send the other picture first, then press this again.",
        "Vous n'avez pas d'autre deck ici : envoyez d'abord l'autre image, puis recommencez.",
    ),
    "sure_delete": (
        "Delete this deck and its message? This cannot be undone.",
        "Supprimer ce deck et son message ? C'est définitif.",
    ),
    "deleted": ("Deleted.", "Supprimé."),
    "no_picture": (
        "The picture is no longer kept; the list still is.",
        "L'image n'est plus conservée ; la liste l'est encore.",
    ),
    "annotated": ("What was read where:", "Ce qui a été lu, et où :"),
    # Refusals
    "not_yours": ("Only who sent the picture can do that.", "Seule la personne qui a envoyé l'image peut le faire."),
    "gone": ("This deck is no longer kept: send the picture again.", "Ce deck n'est plus conservé : renvoyez l'image."),
    "old_button": ("This button is too old: send the picture again.", "Ce bouton est trop ancien : renvoyez l'image."),
    "no_picture_here": (
        "There is no picture and no decklist in this message: send a screenshot that shows the card names.",
        "Ce message n'a ni image ni liste : envoyez une capture où l'on voit les noms des cartes.",
    ),
    "no_deck": (
        "No decklist found in this picture: send a screenshot that shows the card names.",
        "Aucune liste trouvée dans cette image : envoyez une capture où l'on voit les noms des cartes.",
    ),
    "bad_picture": (
        "This file is no picture that can be read: send a PNG or JPEG.",
        "Ce fichier n'est pas une image lisible : envoyez un PNG ou un JPEG.",
    ),
    "bad_list": (
        "This text is no decklist that I can read: send lines such as “4 Opt”, or a screenshot.",
        "Ce texte n'est pas une liste que je sais lire : envoyez des lignes comme « 4 Opt », ou une capture.",
    ),
    "too_large": (
        "This file is too large ({size} MB, {most} MB is the most): send a smaller one.",
        "Ce fichier est trop grand ({size} Mo, {most} Mo au plus) : envoyez-en un plus petit.",
    ),
    "too_large_file": (
        "This file is too large (20 MB is the most): send a smaller one, or only the part that shows the deck.",
        "Ce fichier est trop grand (20 Mo au plus) : envoyez-en un plus petit, ou seulement la partie avec le deck.",
    ),
    "too_many": (
        "At most {most} pictures make one deck: send fewer.",
        "Un deck tient en {most} images au plus : envoyez-en moins.",
    ),
    "fetch_failed": (
        "The picture could not be fetched: send it again.",
        "L'image n'a pas pu être récupérée : renvoyez-la.",
    ),
    "picture_gone": (
        "The picture is no longer there: send it again.",
        "L'image n'est plus là : renvoyez-la.",
    ),
    "ReadingTimedOut": (
        "Reading this picture took too long: send a smaller or clearer one.",
        "La lecture de cette image a pris trop de temps : envoyez-en une plus petite ou plus nette.",
    ),
    "ReadingOutOfMemory": (
        "Reading this picture took too much memory: send a smaller one or only the deck.",
        "La lecture de cette image a demandé trop de mémoire : envoyez-en une plus petite, ou le deck seul.",
    ),
    "ReadingCrashed": (
        "The reader broke down over this picture: save it as a new PNG or JPEG and send that.",
        "Le lecteur a échoué sur cette image : enregistrez-la en PNG ou JPEG et renvoyez-la.",
    ),
    "ReadingFaulted": (
        "The reader made a mistake on this picture; we will look into it.",
        "Le lecteur s'est trompé sur cette image ; nous allons l'examiner.",
    ),
    "purged": (
        "Your picture was taken out of the queue and not read: send it again, please.",
        "Votre image a été retirée de la file et n'a pas été lue : renvoyez-la, s'il vous plaît.",
    ),
    "stuck": (
        "Your picture could not be read, though it was tried twice: send it again, please.",
        "Votre image n'a pas pu être lue, malgré deux essais : renvoyez-la, s'il vous plaît.",
    ),
    "cancelled_by_operator": (
        "Your picture was not read: somebody who runs this service has cancelled it.",
        "Votre image n'a pas été lue : quelqu'un qui gère ce service l'a annulée.",
    ),
    "cancelled": ("Cancelled.", "Annulé."),
    "store_full": (
        "There is no space for pictures at the moment: send it again in some minutes.",
        "Il n'y a plus de place pour les images en ce moment : renvoyez-la dans quelques minutes.",
    ),
    "at_once": (
        "Your limit of pictures at once ({count}) is reached: send the next one when one of them is done.",
        "Votre limite d'images à la fois ({count}) est atteinte : envoyez la suivante quand l'une sera finie.",
    ),
    "per_hour": (
        "Your limit of pictures for an hour ({count}) is reached: the next one can be read {when}.",
        "Votre limite d'images pour une heure ({count}) est atteinte : la suivante pourra être lue {when}.",
    ),
    "overload": (
        "Too many pictures are waiting at the moment: send yours again {when}.",
        "Trop d'images attendent en ce moment : renvoyez la vôtre {when}.",
    ),
    "banned": ("You cannot send pictures here.", "Vous ne pouvez pas envoyer d'images ici."),
    "in_minutes_one": ("in a minute", "dans une minute"),
    "in_minutes": ("in {count} minutes", "dans {count} minutes"),
    "in_maintenance": (
        "We are working here until about {until}: lists can be copied and corrected again then. Nothing is lost.",
        "Nous travaillons ici jusque vers {until} : on pourra alors copier et corriger les listes. Rien n'est perdu.",
    ),
    "unavailable": (
        "Something here is not working at the moment: try again in a minute.",
        "Quelque chose ne marche pas en ce moment : réessayez dans une minute.",
    ),
    "fault": (
        "This is a fault of mine, noted as {id}: try again, or tell whoever runs this bot.",
        "C'est une erreur de ma part, notée {id} : réessayez, ou prévenez la personne qui gère ce bot.",
    ),
    "not_your_panel": (
        "Somebody else has opened this: ask me yourself.",
        "Quelqu'un d'autre a ouvert ceci : demandez-le-moi vous-même.",
    ),
    "was_away": (
        "I was away when you sent this and have not read it: send it again if you still want the list.",
        "J'étais absent à votre envoi et ne l'ai pas lu : renvoyez-le si vous voulez encore la liste.",
    ),
    "cannot_write_to_you": (
        "{name}, this is for you alone, and I may not write to you yet: open {bot}, press Start, then ask again.",
        "{name}, ceci est pour vous seul, et je ne peux pas encore vous écrire : ouvrez {bot}, appuyez sur "
        "Démarrer, puis redemandez.",
    ),
    "may_not_write": (
        "I may not send messages in “{chat}”, so I answer here; an admin there can allow it.",
        "Je ne peux pas écrire dans « {chat} », je réponds donc ici ; un admin peut l'autoriser.",
    ),
    "may_not_send_files": (
        "I may not send files here: an admin can allow it, or choose a shorter format.",
        "Je ne peux pas envoyer de fichiers ici : un admin peut l'autoriser, ou choisissez un format plus court.",
    ),
    "no_permission": (
        "I may not answer in that channel: the permission “{permission}” is missing there.",
        "Je ne peux pas répondre dans ce salon : la permission « {permission} » y manque.",
    ),
    "cannot_answer_there": (
        "I can no longer answer where you asked, so here it is.",
        "Je ne peux plus répondre là où vous avez demandé ; voici donc la réponse.",
    ),
    "direct_refused": (
        "I cannot send you a direct message: allow them for this server, or use {ask}.",
        "Je ne peux pas vous envoyer de message privé : autorisez-les pour ce serveur, ou utilisez {ask}.",
    ),
    "permission_view_channel": ("View Channel", "Voir le salon"),
    "permission_send_messages": ("Send Messages", "Envoyer des messages"),
    "permission_send_messages_in_threads": ("Send Messages in Threads", "Envoyer des messages dans les fils"),
    "permission_create_public_threads": ("Create Public Threads", "Créer des fils publics"),
    "permission_attach_files": ("Attach Files", "Joindre des fichiers"),
    "permission_read_message_history": ("Read Message History", "Voir les anciens messages"),
    "no_such_line": (
        "Your latest deck has no such line: choose one of those that are offered.",
        "Votre dernier deck n'a pas cette ligne : choisissez parmi celles proposées.",
    ),
    "unknown_format": ("There is no format “{name}”.", "Il n'y a pas de format « {name} »."),
    "cannot_hold": ("{format}: {why}", "{format} : {why}"),
    # Commands
    "help_title": (
        "I turn screenshots of Magic decks into lists that you can paste.",
        "Je transforme les captures de decks Magic en listes à coller.",
    ),
    "help_how": (
        "Send me a picture here. In a server or group: use {ask}. Several pictures in one message make one deck: "
        "main deck first, then sideboard.",
        "Envoyez-moi une image ici. Dans un serveur ou un groupe : utilisez {ask}. Plusieurs images dans un même "
        "message font un seul deck : d'abord le deck, puis la réserve.",
    ),
    "help_doubt": (
        "I mark every line that I am not sure of; “Fix a line” puts it right.",
        "Je marque chaque ligne dont je ne suis pas sûr ; « Corriger une ligne » la rectifie.",
    ),
    "privacy_text": (
        "Pictures are kept for {hours} hours and decks for {days} days, for you alone. The text of other messages "
        "is not kept. {forget} erases everything at once.",
        "Les images sont gardées {hours} heures et les decks {days} jours, pour vous seul. Le texte des autres "
        "messages n'est pas gardé. {forget} efface tout aussitôt.",
    ),
    "history_none": ("You have no decks here yet.", "Vous n'avez pas encore de decks ici."),
    "history_title": ("Your latest decks:", "Vos derniers decks :"),
    "history_open": ("Open a deck …", "Ouvrir un deck …"),
    "formats_title": ("Formats that I write:", "Formats que j'écris :"),
    "preferences_title": (
        "Format: {format}. Language: {language}. Answers in servers and groups: {answers}. Lists: {sets}.",
        "Format : {format}. Langue : {language}. Réponses dans les serveurs et groupes : {answers}. Listes : {sets}.",
    ),
    "with_sets": ("with set codes where the format has them", "avec codes d'extension si le format en a"),
    "without_sets": ("names only", "noms seuls"),
    "write_sets": ("Write set codes", "Écrire les codes d'extension"),
    "leave_sets_out": ("Names only", "Noms seuls"),
    "sets_unknown": (
        "Set codes come with {update}, which whoever runs this bot has not done yet: until then, names only.",
        "Les codes d'extension viennent avec {update}, que la personne qui gère ce bot n'a pas encore lancé : jusque "
        "là, noms seuls.",
    ),
    "public": ("for all to see", "visibles de tous"),
    "private": ("for you alone", "pour vous seul"),
    "prefer_format": ("Preferred format …", "Format préféré …"),
    "make_private": ("Answer me privately", "Me répondre en privé"),
    "make_public": ("Answer me in public", "Me répondre en public"),
    "other_language": ("Français", "English"),
    "sure_forget": (
        "Forget you: all your pictures, decks, corrections and preferences, everywhere? This cannot be undone.",
        "Vous oublier : toutes vos images, decks, corrections et préférences, partout ? C'est définitif.",
    ),
    "forgotten": ("Everything about you is erased.", "Tout ce qui vous concerne est effacé."),
    "kept": ("Nothing was changed.", "Rien n'a été changé."),
    # Descriptions in menus
    "command_deck": ("Turn a screenshot into a decklist", "Transformer une capture en liste"),
    "command_history": ("Your latest decks", "Vos derniers decks"),
    "command_formats": ("Formats for decklists", "Formats de listes"),
    "command_preferences": (
        "Format, set codes, language and privacy of answers",
        "Format, codes d'extension, langue et visibilité des réponses",
    ),
    "command_fix": ("Correct a line of your latest deck", "Corriger une ligne de votre dernier deck"),
    "command_forget": ("Erase everything about you", "Effacer tout ce qui vous concerne"),
    "command_help": ("What this bot does and how to ask it", "Ce que fait ce bot et comment lui demander"),
    "command_privacy": ("What is kept, and for how long", "Ce qui est gardé, et combien de temps"),
    "command_read": ("Read deck", "Lire le deck"),
    "option_picture": ("The screenshot", "La capture"),
    "option_second": ("Another picture of the same deck", "Une autre image du même deck"),
    "option_private": ("Answer for you alone", "Réponse pour vous seul"),
    "option_line": ("The line to change; none adds the card", "La ligne à changer ; sans elle, la carte s'ajoute"),
    "option_card": ("The card that it is", "La carte dont il s'agit"),
    # Sections
    "section_main": ("main deck", "deck"),
    "section_side": ("sideboard", "réserve"),
    "section_commander": ("commander", "commandant"),
    "section_companion": ("companion", "compagnon"),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences in one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key, with its values filled in."""
        return _TEXTS[key][0 if self.language is Language.ENGLISH else 1].format(**values)

    def has(self, key: str | None) -> bool:
        """Whether there is such a sentence."""
        return key in _TEXTS

    def counted(self, key: str, count: int) -> str:
        """The sentence for one, or for several."""
        return self(f"{key}_one") if count == 1 else self(key, count=count)

    def span(self, unknown: str, length: timedelta | None) -> str:
        """``in 5 minutes``, ``in about 2 hours``; the sentence ``unknown`` where nobody knows."""
        if length is None:
            return self(unknown)
        minutes = max(1, math.ceil(length.total_seconds() / 60))
        return self.counted("in_minutes", minutes) if minutes < 60 else self.counted("in_hours", round(minutes / 60))


def language_of(locale: str) -> Language:
    """The language for a client's locale, such as ``fr-CA``: English where it is none of ours."""
    return Language.FRENCH if locale.lower().startswith("fr") else Language.ENGLISH


def keys() -> frozenset[str]:
    """All keys, for tests."""
    return frozenset(_TEXTS)
