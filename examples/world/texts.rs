//! What people write: sentences put together of parts, with numbers, names and slips of the finger, 20 to 400 characters.
//!
//! They are more alike than what real people write, so a store of them packs somewhat better than a real one.

use std::fmt::Write;

use super::dice::Dice;

const OPENINGS: [&str; 24] = [
    "Bom dia",
    "Boa tarde",
    "Boa noite",
    "Olá",
    "Oi",
    "Oi, tudo bem?",
    "Prezados",
    "Por favor",
    "Gente",
    "Moça",
    "Amigo",
    "Então",
    "Olha",
    "Escuta",
    "Mais uma vez",
    "Como combinado",
    "Conforme falamos",
    "Sobre o meu pedido",
    "Só confirmando",
    "Desculpe incomodar",
    "Retornando",
    "Segue em anexo",
    "Alô",
    "Urgente",
];
const WHO: [&str; 24] = [
    "a fatura",
    "o boleto",
    "minha encomenda",
    "o técnico",
    "o aplicativo",
    "a cobrança",
    "o cartão",
    "meu pedido",
    "a internet",
    "o contrato",
    "a segunda via",
    "o estorno",
    "a entrega",
    "o atendente",
    "a senha",
    "o cadastro",
    "a proposta",
    "o seguro",
    "meu limite",
    "a parcela",
    "o aparelho",
    "a assinatura",
    "o protocolo",
    "a transportadora",
];
const DID: [&str; 32] = [
    "não chegou",
    "veio errado",
    "está em aberto",
    "foi cancelado sem aviso",
    "caiu de novo",
    "não abre",
    "venceu ontem",
    "consta como pago",
    "foi debitado duas vezes",
    "não aparece no sistema",
    "está bloqueado",
    "continua com defeito",
    "atrasou",
    "subiu muito este mês",
    "foi entregue em outro endereço",
    "não confere com o combinado",
    "ficou de retornar",
    "sumiu da minha conta",
    "precisa ser trocado",
    "está para vencer",
    "deu erro na hora de confirmar",
    "veio sem a nota",
    "já foi resolvido",
    "funcionou por dois dias",
    "não foi reconhecido",
    "está em análise há semanas",
    "chegou quebrado",
    "ainda não foi liberado",
    "foi renovado sem pedir",
    "não aceita o código",
    "está mais caro que no site",
    "saiu para entrega e voltou",
];
const WANTS: [&str; 28] = [
    "quero cancelar",
    "preciso de uma solução hoje",
    "podem verificar?",
    "quando fica pronto?",
    "quem pode me ajudar?",
    "aguardo retorno",
    "quero falar com um supervisor",
    "me passem o número do protocolo",
    "como faço para trocar?",
    "qual é o prazo?",
    "já liguei três vezes",
    "mandei tudo por e-mail",
    "não vou pagar por isso",
    "obrigado pela atenção",
    "pode ser na parte da tarde",
    "prefiro que respondam por aqui",
    "estou sem acesso desde cedo",
    "quero a nota fiscal",
    "foi muito bem atendido",
    "parabéns pelo serviço",
    "vou procurar o Procon",
    "consigo parcelar?",
    "tem desconto à vista?",
    "não repassem meu telefone",
    "pode mandar para o meu endereço novo",
    "é a última vez que peço",
    "fico no aguardo",
    "me liguem depois das dezoito",
];
const REPLIES: [&str; 28] = [
    "Entendo, vou verificar agora mesmo",
    "Sinto muito pelo transtorno",
    "Localizei o registro no sistema",
    "O estorno foi solicitado",
    "A visita foi reagendada",
    "O prazo é de cinco dias úteis",
    "Enviei a segunda via",
    "Já encaminhei para a área responsável",
    "Pode me confirmar os dados?",
    "O pagamento foi identificado",
    "Peço que aguarde um momento",
    "Seu acesso foi liberado",
    "Abri uma solicitação",
    "Não há débitos em aberto",
    "A troca foi autorizada",
    "O endereço foi atualizado",
    "Vou transferir para um especialista",
    "O desconto foi aplicado",
    "Está tudo certo por aqui",
    "Consegue reiniciar o aparelho?",
    "A proposta segue válida",
    "Retornamos até o fim do dia",
    "O contrato foi enviado para assinatura",
    "Confirmo o cancelamento",
    "Foi um engano nosso",
    "O código chega por SMS",
    "Registrei a sua reclamação",
    "Agradecemos o elogio",
];
const DAYS: [&str; 10] = [
    "segunda",
    "terça",
    "quarta",
    "quinta",
    "sexta",
    "sábado",
    "ontem",
    "hoje cedo",
    "na semana passada",
    "no dia do vencimento",
];
const PLACES: [&str; 16] = [
    "na loja do centro",
    "no site",
    "no aplicativo",
    "pelo telefone",
    "com a Juliana",
    "com o Renato",
    "no balcão",
    "pelo WhatsApp",
    "na agência",
    "em casa",
    "no trabalho",
    "na portaria",
    "na central",
    "com a ouvidoria",
    "no chat",
    "por carta",
];

/// What a customer writes.
pub(crate) fn customer(dice: &mut Dice) -> String {
    let mut text = String::with_capacity(160);
    if dice.happens(35) {
        let _ = write!(text, "{}, ", dice.lean(&OPENINGS));
    }
    let sentences = 1 + (dice.fraction() * dice.fraction() * 5.0) as u64;
    for sentence in 0..sentences {
        if sentence > 0 {
            text.push_str(if dice.happens(70) { ". " } else { ", " });
        }
        let _ = write!(text, "{} {}", dice.pick(&WHO), dice.pick(&DID));
        detail(&mut text, dice);
        if dice.happens(60) {
            let _ = write!(text, ", {}", dice.pick(&WANTS));
        }
    }
    slip(&mut text, dice);
    text
}

/// What an agent writes.
pub(crate) fn agent(dice: &mut Dice) -> String {
    let mut text = String::with_capacity(160);
    let sentences = 1 + (dice.fraction() * 3.0) as u64;
    for _ in 0..sentences {
        let _ = write!(text, "{}", dice.pick(&REPLIES));
        detail(&mut text, dice);
        text.push_str(". ");
    }
    if dice.happens(30) {
        let _ = write!(text, "Protocolo {}. ", dice.between(20_240_000_000, 20_269_999_999));
    }
    text.truncate(text.trim_end().len());
    text
}

/// When, where, which, how much.
fn detail(text: &mut String, dice: &mut Dice) {
    let _ = match dice.between(0, 7) {
        0 => write!(text, " {}", dice.pick(&DAYS)),
        1 => write!(text, " {}", dice.pick(&PLACES)),
        2 => write!(text, " no pedido {}", dice.between(10_000, 9_999_999)),
        3 => write!(text, " no valor de R$ {},{:02}", dice.between(9, 4_999), dice.between(0, 99)),
        4 => write!(text, " em {:02}/{:02}", dice.between(1, 28), dice.between(1, 12)),
        5 => write!(text, " {} {}", dice.pick(&DAYS), dice.pick(&PLACES)),
        _ => Ok(()),
    };
}

/// Now and then a letter is left out or doubled.
fn slip(text: &mut String, dice: &mut Dice) {
    if !dice.happens(30) {
        return;
    }
    let at = dice.between(0, text.len() as u64 - 1) as usize;
    let Some((at, letter)) = text.char_indices().find(|(index, _)| *index >= at) else { return };
    if dice.happens(50) && text.len() > 24 {
        text.remove(at);
    } else {
        text.insert(at, letter);
    }
}
